import { networkFault, SendFault } from '../delivery/fault.js';

/** The parts of nodemailer's errors that may be shown; their message and response may repeat addresses and logins. */
interface MailError {
  readonly code: string;
  /** The operating system's own code below nodemailer's. */
  readonly originalCode: string;
  readonly responseCode: number;
  readonly message: string;
}

/** OpenSSL's and Node's sentences about a certificate, with their codes: after STARTTLS nodemailer keeps only the sentence. */
const CERTIFICATE_WORDS: readonly (readonly [RegExp, string])[] = [
  [/self[- ]signed certificate in/i, 'SELF_SIGNED_CERT_IN_CHAIN'],
  [/self[- ]signed/i, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [/unable to (?:verify|get)/i, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [/has expired/i, 'CERT_HAS_EXPIRED'],
  [/not yet valid/i, 'CERT_NOT_YET_VALID'],
  [/altnames|does not match/i, 'ERR_TLS_CERT_ALTNAME_INVALID'],
];

/** The fault for an error of nodemailer, in plain words. */
export function mailFault(thrown: unknown): SendFault {
  const { code, originalCode, responseCode, message } = fieldsOf(thrown);
  const certificate = CERTIFICATE_WORDS.find(([words]) => words.test(message))?.[1];
  if (certificate !== undefined && (code === 'ETLS' || code === 'ESOCKET')) return networkFault(certificate);
  const said = responseCode > 0 ? ` (SMTP ${responseCode})` : '';
  // RFC 5321: a code that begins with 4 may pass later.
  const passing = responseCode >= 400 && responseCode < 500;

  if (code === 'EAUTH' && !passing)
    return new SendFault(`the mail server refuses the user name or password${said}.`, {
      cure: 'Check user and password of the sender; many providers need a separate "app password" for programs.',
    });
  if (responseCode === 530 || code === 'ENOAUTH')
    return new SendFault(`the mail server requires a login, or TLS before the login${said}.`, {
      cure: 'Set user and password of the sender, and tls to starttls or implicit.',
    });
  if (code === 'EENVELOPE' && !passing)
    return new SendFault(`the mail server accepts no mail from this sender or for these recipients${said}.`, {
      cure: 'Check from and to, and whether this user may send mail with the address in from.',
    });
  if (code === 'EMESSAGE' && !passing)
    return new SendFault(`the mail server refuses the mail itself${said}.`, {
      cure: 'See the log of the mail server; it may treat the mail as spam.',
    });
  if (code === 'ETLS')
    return new SendFault(`the mail server cannot switch to TLS${said}.`, {
      cure: 'Set tls to implicit for port 465, to starttls for 587, and to none only for a mail relay on the local network.',
    });
  if (passing)
    return new SendFault(`the mail server accepts no mail for now${said}.`, {
      cure: 'Nothing to do: camlease tries again later. If it stays, see the log of the mail server.',
      passing: true,
    });
  if (responseCode > 0)
    return new SendFault(`the mail server refuses it${said}.`, { cure: 'See the log of the mail server.' });
  if (code === 'EDNS') return networkFault('ENOTFOUND');
  if (code === 'ECONNECTION' || code === 'ESOCKET' || code === 'ETIMEDOUT')
    return networkFault(originalCode || (code === 'ETIMEDOUT' ? 'ETIMEDOUT' : 'ECONNRESET'));
  return new SendFault('the mail server does not speak SMTP, or it closed the connection.', {
    cure: 'Check host, port and tls of the sender.',
    passing: true,
  });
}

function fieldsOf(thrown: unknown): MailError {
  if (!(thrown instanceof Error)) return { code: '', originalCode: '', responseCode: 0, message: '' };
  return {
    code: 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '',
    originalCode: 'originalCode' in thrown && typeof thrown.originalCode === 'string' ? thrown.originalCode : '',
    responseCode: 'responseCode' in thrown && typeof thrown.responseCode === 'number' ? thrown.responseCode : 0,
    message: thrown.message,
  };
}
