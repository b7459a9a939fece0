/** They name files of certificates, or say which lists count; no key stands in them. */
const NAMES = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
const OPTIONS = ['--use-system-ca', '--use-openssl-ca', '--use-bundled-ca'];

/**
 * What of an environment says whose certificates Node trusts, for a process that is to trust the same and gets nothing else: an encrypted
 * pull would fail there while camlease's own calls of the cloud go through.
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
