/** The hosts of a connection string, without login and options; null when they cannot be told apart from a login. */
export function hostsOf(uri: string): string | null {
  const rest = /^mongodb(?:\+srv)?:\/\/(.*)$/s.exec(uri)?.[1];
  if (rest === undefined) return null;
  // A password may hold a raw "/" or "?" by mistake: only what follows the last "@" is certainly not part of it.
  const hosts = rest.slice(rest.lastIndexOf('@') + 1).split(/[/?]/)[0] ?? '';
  return /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?(?:,(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?)*$/i.test(hosts) ? hosts : null;
}

/** For people and logs. */
export function describeMongo(uri: string): string {
  const hosts = hostsOf(uri);
  return hosts === null ? 'MongoDB at the host in MONGODB_URI' : `MongoDB at ${hosts}`;
}
