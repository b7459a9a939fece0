import { linesOf } from '../engine/mediamtx/yaml/lines.js';
import { parseStreamUrl, plainStreamUrl } from '../core/streamUrl.js';

/** An address of one camera at a vendor's cloud, by a protocol that vendors hand out. */
const ADDRESS = /(?:rtmps?|https?|ezopen):\/\/[^\s"'`<>|\\^{}]{1,4000}/gi;

/** A file's bytes as text: UTF-8 as MediaMTX wants it, or what an editor on Windows made of it. */
export function textOfBytes(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * The same YAML with each quoted text on one line. MediaMTX takes further lines of a quoted text wherever they begin, which YAML does
 * not allow. A text of which that cannot be told comes back unchanged.
 */
export function withQuotedTextsOnOneLine(text: string): string {
  try {
    let joined = '';
    let from = 0;
    for (const { value } of linesOf(text).lines) {
      if (value.kind !== 'quoted') continue;
      joined += text.slice(from, value.start) + text.slice(value.start, value.end).replace(/[ \t]*\r?\n[ \t]*/g, ' ');
      from = value.end;
    }
    return joined + text.slice(from);
  } catch {
    return text;
  }
}

/** Addresses in a text (a command, say) that name a device and a channel. Secrets. */
export function cameraAddresses(text: string): string[] {
  return [...text.matchAll(ADDRESS)].flatMap(([found]) => {
    const address = plainStreamUrl(found.replace(/[;,)\]]+$/, ''));
    const parts = parseStreamUrl(address);
    return parts !== null && parts.deviceSerial !== null && parts.channel !== null ? [address] : [];
  });
}

/** The number of each line on which such addresses stand, with them. */
export function addressesByLine(text: string): Array<{ readonly line: number; readonly addresses: readonly string[] }> {
  return text.split('\n').flatMap((content, index) => {
    const addresses = cameraAddresses(content);
    return addresses.length === 0 ? [] : [{ line: index + 1, addresses }];
  });
}
