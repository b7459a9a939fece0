/** Variables that name certificate files or choose the list of authorities; none contains a key. */
const NAMES = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
const OPTIONS = ['--use-system-ca', '--use-openssl-ca', '--use-bundled-ca'];

/**
 * The variables of an environment that decide whose certificates Node trusts, for a process that gets no other variables. Without them an
 * encrypted pull could fail there while camlease's own calls to the cloud succeed.
 */
export function trustOf(environment: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const trust: Record<string, string> = {};
  for (const name of NAMES) {
    const value = environment[name];
    if (value !== undefined && value !== '') trust[name] = value;
  }
  const options = (environment['NODE_OPTIONS'] ?? '').split(/\s+/).filter((option) => OPTIONS.includes(option));
  if (options.length > 0) trust['NODE_OPTIONS'] = options.join(' ');
  return trust;
}
