import type { PullTarget } from '../../../core/streams/pullTarget.js';

/** Characters that a URL may hold; `%` only with two hex digits. MediaMTX (Go) rejects all others, and exits over a file with them. */
const URL_TEXT = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const RTMP_URL = /^(rtmps?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(\d{1,5}))?)(\/[^?#]*)(\?[^#]*)?$/;
const RTMP_URL_WITH_FRAGMENT = /^rtmps?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(\d{1,5}))?\/[^?#]*#[^#]+$/;

/**
 * A live URL in the form that MediaMTX v1.20 needs. Since v1.20.0 MediaMTX takes the stream name from the fragment alone and the app
 * from the path, so everything after the last `/` of the path, query included, becomes the fragment. MediaMTX decodes the fragment, but
 * the cloud signed the name as it is, so its percent signs are encoded once more. A URL with a fragment is in that form already.
 * null: no RTMP URL, or one that MediaMTX rejects.
 */
export function pathSource(url: string): string | null {
  if (!URL_TEXT.test(url) || url.includes('$G')) return null;
  const done = RTMP_URL_WITH_FRAGMENT.exec(url);
  if (done) return isPort(done[1]) ? url : null;
  const parts = RTMP_URL.exec(url);
  if (!parts || !isPort(parts[2])) return null;
  const [, origin = '', , path = '', query = ''] = parts;
  const lastSlash = path.lastIndexOf('/');
  const streamName = path.slice(lastSlash + 1) + query;
  if (lastSlash === 0 || streamName === '') return null;
  return `${origin}${path.slice(0, lastSlash)}#${streamName.replaceAll('%', '%25')}`;
}

const known = new WeakMap<PullTarget, string | null>();

/** `pathSource` of a lease's URL, cached: a comparison of 10,000 paths asks for each several times. */
export function targetSource(lease: PullTarget): string | null {
  let source = known.get(lease);
  if (source === undefined) known.set(lease, (source = pathSource(lease.url)));
  return source;
}

function isPort(text: string | undefined): boolean {
  return text === undefined || (Number(text) > 0 && Number(text) < 65_536);
}
