import type { PlayTarget } from './playSession.js';

export interface PlayAddress extends PlayTarget {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
}

const PORTS: Readonly<Record<string, number>> = { 'rtmp:': 1935, 'rtmps:': 443 };

/**
 * Splits an RTMP URL before its last path segment, as vendors and most players do; the query belongs to the stream name. A URL with a
 * fragment (the form of MediaMTX v1.20) has its stream name there. null: it is no RTMP URL.
 */
export function playAddress(text: string): PlayAddress | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const usual = PORTS[url.protocol];
  if (usual === undefined || url.hostname === '') return null;
  // Taken from the text: URL parsers encode, and a cloud signed the name as it stands.
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

/** MediaMTX decodes the fragment, so whoever wrote it encoded its percent signs once more. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
