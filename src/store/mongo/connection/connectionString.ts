/** The hosts of a connection string, without login and options; null when they cannot be told apart from a login. */
export function hostsOf(uri: string): string | null {
  const rest = /^mongodb(?:\+srv)?:\/\/(.*)$/s.exec(uri)?.[1];
  if (rest === undefined) return null;
  // A password may hold a raw "/" or "?" by mistake: only what follows the last "@" is certainly not part of it.
  const hosts = rest.slice(rest.lastIndexOf('@') + 1).split(/[/?]/)[0] ?? '';
  return /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?(?:,(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?)*$/i.test(hosts) ? hosts : null;
}

/** The server, for people and logs; never a login. */
export function describeMongo(uri: string): string {
  const hosts = hostsOf(uri);
  return hosts === null ? 'MongoDB at the host in MONGODB_URI' : `MongoDB at ${hosts}`;
}

/** True when both name the same database of the same servers, whatever the logins and options. */
export function isSameDatabase(one: string, other: string): boolean {
  return databaseKey(one) === databaseKey(other);
}

function databaseKey(uri: string): string {
  const hosts = hostsOf(uri);
  if (hosts === null) return uri;
  const withPorts = hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:27017`));
  const path = uri.slice(uri.lastIndexOf('@') + 1).replace(/^mongodb(?:\+srv)?:\/\//, '');
  const name = /\/([^?]*)/.exec(path)?.[1];
  return `${withPorts.sort().join(',').toLowerCase()}/${name ? name : 'test'}`;
}
