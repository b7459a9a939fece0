/**
 * Why one attempt to send failed, in plain words. It never carries the library's own error, which holds addresses, headers and
 * passwords.
 */
export class SendFault extends Error {
  override readonly name = 'SendFault';
  readonly cure: string;
  /** A later attempt may succeed without anybody changing anything. */
  readonly passing: boolean;
  /** How long the receiver asks the sender to wait. */
  readonly retryAfterMs: number | undefined;
  /** The receiver wants no more messages, ever. */
  readonly gone: boolean;

  /** `message` continues the words 'could not be sent to …: '. */
  constructor(
    message: string,
    details: { cure: string; passing?: boolean; retryAfterMs?: number | undefined; gone?: boolean },
  ) {
    super(message);
    this.cure = details.cure;
    this.passing = details.passing ?? false;
    this.retryAfterMs = details.retryAfterMs;
    this.gone = details.gone ?? false;
  }
}

interface NetworkWords {
  readonly why: string;
  readonly cure: string;
  readonly passing: boolean;
}

const TRUST = 'Give the receiver a certificate that this machine trusts, or name its authority in NODE_EXTRA_CA_CERTS.';
const untrusted = { why: 'its certificate is not signed by an authority that this machine trusts', cure: TRUST };
const ADDRESS = 'Check host and port, that the receiver runs, and that a firewall lets camlease reach it.';
const noTls = {
  why: 'it does not speak TLS at this port',
  cure: 'Check the port, and whether the address should begin without TLS (http, not https).',
  passing: false,
};

/** Codes of Node and OpenSSL. */
const NETWORK: Readonly<Record<string, NetworkWords>> = {
  ECONNREFUSED: { why: 'nothing listens at this address', cure: ADDRESS, passing: true },
  ECONNRESET: { why: 'it broke the connection', cure: ADDRESS, passing: true },
  EPIPE: { why: 'it broke the connection', cure: ADDRESS, passing: true },
  EHOSTUNREACH: { why: 'its network cannot be reached', cure: ADDRESS, passing: true },
  ENETUNREACH: { why: 'its network cannot be reached', cure: ADDRESS, passing: true },
  ETIMEDOUT: { why: 'it did not answer in time', cure: ADDRESS, passing: true },
  ENOTFOUND: {
    why: 'no host has this name',
    cure: 'Check the name of the host, and the DNS server.',
    passing: true,
  },
  EAI_AGAIN: { why: 'the DNS server did not answer', cure: 'Check the DNS server of this machine.', passing: true },
  CERT_HAS_EXPIRED: {
    why: 'its certificate has expired',
    cure: 'Renew the certificate of the receiver.',
    passing: false,
  },
  CERT_NOT_YET_VALID: {
    why: 'its certificate is not valid yet',
    cure: 'Check the clocks of both machines.',
    passing: false,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: 'its certificate is for another name',
    cure: 'Use the host name that is in the certificate.',
    passing: false,
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { ...untrusted, passing: false },
  SELF_SIGNED_CERT_IN_CHAIN: { ...untrusted, passing: false },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { ...untrusted, passing: false },
  UNABLE_TO_GET_ISSUER_CERT: { ...untrusted, passing: false },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { ...untrusted, passing: false },
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
};

/** The fault for a network code; an unknown code counts as passing and is shown, because a code holds no secret. */
export function networkFault(code: string): SendFault {
  const known = NETWORK[code];
  const shown = /^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';
  if (known) return new SendFault(`${known.why}${shown}.`, { cure: known.cure, passing: known.passing });
  return new SendFault(`it could not be reached${shown}.`, { cure: ADDRESS, passing: true });
}

/** The receiver did not answer within the time of one attempt. */
export function timeoutFault(): SendFault {
  return new SendFault('it did not answer in time.', { cure: ADDRESS, passing: true });
}
