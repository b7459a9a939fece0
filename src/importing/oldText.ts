import { linesOf } from '../engine/mediamtx/yaml/lines.js';
import { plainStreamUrl } from '../core/camera/streamUrl.js';
import type { Vendors } from '../core/camera/vendors.js';

/** An address of one camera at a vendor's cloud, with a protocol that vendors use. */
const ADDRESS = /(?:rtmps?|https?|ezopen):\/\/[^\s"'`<>|\\^{}]{1,4000}/gi;

/**
 * The same YAML with each quoted text on one line. MediaMTX accepts further lines of a quoted text at any indentation, which
 * YAML forbids. A text that cannot be taken apart comes back unchanged.
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

/** Addresses in a text (a command, for example) that name a device and a channel. Secrets. */
export function cameraAddresses(text: string, vendors: Vendors): string[] {
  return [...text.matchAll(ADDRESS)].flatMap(([found]) => {
    const address = plainStreamUrl(found.replace(/[;,)\]]+$/, ''));
    const parts = vendors.parseStreamUrl(address);
    return parts !== null && parts.deviceSerial !== null && parts.channel !== null ? [address] : [];
  });
}

/** The lines that hold such addresses: each line's number and its addresses. */
export function addressesByLine(
  text: string,
  vendors: Vendors,
): Array<{ readonly line: number; readonly addresses: readonly string[] }> {
  return text.split('\n').flatMap((content, index) => {
    const addresses = cameraAddresses(content, vendors);
    return addresses.length === 0 ? [] : [{ line: index + 1, addresses }];
  });
}
