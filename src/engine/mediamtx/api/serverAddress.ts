/** `host:port` of one of MediaMTX's servers. */
export interface ServerAddresses {
  /** For what runs beside it. */
  readonly inside: string;
  /** For us; null: it cannot be reached from here. */
  readonly fromHere: string | null;
}

/** Where a server is that listens at `listen` (as in MediaMTX's configuration: `:8554`, `127.0.0.1:8554`); null: that is no address. */
export function addressesOf(listen: string, apiUrl: string): ServerAddresses | null {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(listen) ?? [];
  if (port === undefined) return null;
  const api = new URL(apiUrl).hostname;
  const listensEverywhere = ['', '0.0.0.0', '[::]', '::'].includes(host);
  const inside = listensEverywhere ? `127.0.0.1:${port}` : listen;
  if (isLoopback(api)) return { inside, fromHere: inside };
  return { inside, fromHere: listensEverywhere ? `${api}:${port}` : isLoopback(host) ? null : listen };
}

/** `host` as in a URL. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
