import type { PlayTarget } from './playSession.js';

export interface PlayAddress extends PlayTarget {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
}

const PORTS: Readonly<Record<string, number>> = { 'rtmp:': 1935, 'rtmps:': 443 };

/**
 * Splits an RTMP URL before its last path segment, as vendors and most players do; the query belongs to the stream name. In a URL with a
 * fragment (the form of MediaMTX v1.20) the fragment is the stream name. null: the text is not an RTMP URL.
 */
export function playAddress(text: string): PlayAddress | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const usual = PORTS[url.protocol];
  if (usual === undefined || url.hostname === '') return null;
  // Cut from the text and not from the parsed URL, which is encoded: the cloud's signature covers the name as it was sent.
  const whole = text.replace(/^[a-z]+:\/\/[^/?#]*\/?/i, '');
  const split = splitName(whole);
  if (split === null) return null;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? usual : Number(url.port);
  const named = `${url.protocol}//${url.hostname}${url.port === '' ? '' : `:${url.port}`}`;
  return { ...split, host, port, isEncrypted: url.protocol === 'rtmps:', tcUrl: `${named}/${split.app}` };
}

function splitName(whole: string): { readonly app: string; readonly name: string } | null {
  const hash = whole.indexOf('#');
  if (hash !== -1) {
    const name = decoded(whole.slice(hash + 1));
    return name === '' ? null : { app: whole.slice(0, hash), name };
  }
  const question = whole.indexOf('?');
  const path = question === -1 ? whole : whole.slice(0, question);
  const query = question === -1 ? '' : whole.slice(question);
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1) + query;
  return name === '' ? null : { app: slash === -1 ? '' : path.slice(0, slash), name };
}

/** MediaMTX decodes the fragment, so camlease writes it with percent signs encoded once more. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
