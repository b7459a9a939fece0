/**
 * Characters that no valid URL holds. URL parsers drop line breaks, or end there; the programs that pull the stream may
 * read the text another way, and reach another host than the one that was checked.
 */
const NOT_IN_ADDRESS = /[^\x21-\x7e]|\\/;

/**
 * True when an API call may go to this URL: https on a host of `apiHosts`, the vendor's own, or http(s) on a host of `extraHosts`
 * (`CLOUD_EXTRA_HOSTS`, suffixes, for simulators and tests). A forged `areaDomain` would otherwise receive the token.
 */
export function isApiUrlAllowed(url: string, apiHosts: readonly string[], extraHosts: readonly string[]): boolean {
  return isAllowed(url, apiHosts, ['https:'], ['https:', 'http:'], extraHosts);
}

/** True when a live URL may be pulled: rtmp(s) on a host of `streamHosts`, the vendors' own, or on one of `extraHosts`. */
export function isStreamUrlAllowed(
  url: string,
  streamHosts: readonly string[],
  extraHosts: readonly string[],
): boolean {
  const protocols = ['rtmp:', 'rtmps:'];
  return isAllowed(url, streamHosts, protocols, protocols, extraHosts);
}

/** True for a live URL of any kind (HLS, FLV, ezopen) on one of the hosts. */
export function isOnHost(url: string, hosts: readonly string[]): boolean {
  const protocols = ['https:', 'http:', 'ezopen:', 'rtsp:', 'rtsps:', 'ws:', 'wss:', 'rtmp:', 'rtmps:'];
  if (NOT_IN_ADDRESS.test(url) || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocols.includes(protocol) && hasSuffix(hostname, hosts);
}

function isAllowed(
  text: string,
  suffixes: readonly string[],
  protocols: readonly string[],
  extraProtocols: readonly string[],
  extraHosts: readonly string[],
): boolean {
  if (NOT_IN_ADDRESS.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (protocols.includes(url.protocol) && hasSuffix(url.hostname, suffixes)) return true;
  return extraProtocols.includes(url.protocol) && hasSuffix(url.hostname, extraHosts);
}

/** True when the host is one of the suffixes or below one. */
export function hasSuffix(hostname: string, suffixes: readonly string[]): boolean {
  const host = hostname.toLowerCase();
  return suffixes.some((suffix) => host === suffix.toLowerCase() || host.endsWith(`.${suffix.toLowerCase()}`));
}
