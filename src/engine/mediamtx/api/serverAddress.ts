/** `host:port` of one of MediaMTX's servers. */
export interface ServerAddresses {
  /** For MediaMTX itself and programs on its machine. */
  readonly inside: string;
  /** For camlease; null: camlease cannot reach the server. */
  readonly fromHere: string | null;
}

/** The addresses of a server with this `listen` setting (`:8554`, `127.0.0.1:8554`); null: `listen` is not an address. */
export function addressesOf(listen: string, apiUrl: string): ServerAddresses | null {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(listen) ?? [];
  if (port === undefined) return null;
  const api = new URL(apiUrl).hostname;
  const listensEverywhere = ['', '0.0.0.0', '[::]', '::'].includes(host);
  const inside = listensEverywhere ? `127.0.0.1:${port}` : listen;
  if (isLoopback(api)) return { inside, fromHere: inside };
  return { inside, fromHere: listensEverywhere ? `${api}:${port}` : isLoopback(host) ? null : listen };
}

/** `host` as `URL.hostname` gives it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
