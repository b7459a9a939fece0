import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly encrypted: boolean;
  readonly user: string | undefined;
  /** Headers and body as they came. */
  readonly raw: string;
}

export interface SmtpRig {
  readonly port: number;
  readonly mails: ReceivedMail[];
}

export const MAIL_USER = 'camlease';
export const MAIL_PASSWORD = 'a-password-that-must-not-show';

/** Starts a real mail server on a free port until the test ends. It accepts MAIL_USER with MAIL_PASSWORD, and refuses `refused@…`. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<SmtpRig> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    onAuth({ username, password }, _session, done) {
      if (username === MAIL_USER && password === MAIL_PASSWORD) done(null, { user: username });
      else done(Object.assign(new Error(`no such login: ${username ?? ''} ${password ?? ''}`), { responseCode: 535 }));
    },
    onRcptTo({ address }, _session, done) {
      if (address.startsWith('refused@')) done(Object.assign(new Error('no such user here'), { responseCode: 550 }));
      else done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(({ address }) => address),
          encrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
          raw: Buffer.concat(chunks).toString('utf8'),
        });
        done();
      });
    },
    ...options,
  });
  // The server also reports an error when the client disconnects early or does not trust the certificate.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port');
  return { port: address.port, mails };
}
