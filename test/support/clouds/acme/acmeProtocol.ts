import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { presentableCode, unknownCode, type ErrorTable } from '../../../../src/cloud/replies/errorTable.js';
import { parseReply, textOf, type CloudProtocol } from '../../../../src/cloud/replies/protocol.js';
import { areaText, tokenExpiry } from '../../../../src/cloud/replies/replyFields.js';
import { ACME_ERRORS } from './acmeErrors.js';

const TABLE: ErrorTable = ACME_ERRORS;
const envelope = z.object({ result: z.string() });
const login = z.object({
  payload: z.object({ session: z.string().min(1), until: tokenExpiry, host: areaText }),
});

/** JSON both ways; the headers name the account, and sign path, time, nonce, session and body. */
export const ACME_PROTOCOL: CloudProtocol = {
  regions: ['https://eu.acme.test', 'https://us.acme.test'],
  unknownKeyCodes: new Set(['E-100']),
  lastResorts: [],
  entryOf: (code) => TABLE[code] ?? unknownCode(code),
  smallestCall: { path: '/v1/cameras', fields: { page: 1, size: 1 } },
  loginPath: '/v1/session',
  loginFields: () => ({}),
  encode({ path, fields, token, appKey, secret, now, nonce }) {
    const body = JSON.stringify(fields);
    const [time, once] = [String(now.getTime()), nonce()];
    const digest = createHash('sha256').update(body).digest('hex');
    const signed = [path, time, once, token ?? '', digest].join('\n');
    return {
      headers: {
        'Content-Type': 'application/json',
        'X-Acme-Access-Id': appKey,
        'X-Acme-Time': time,
        'X-Acme-Nonce': once,
        ...(token !== null && { 'X-Acme-Session': token }),
        'X-Acme-Signature': createHmac('sha256', secret).update(signed).digest('hex'),
      },
      body,
    };
  },
  envelope(json) {
    const parsed = envelope.safeParse(json);
    if (!parsed.success) return { kind: 'none' };
    if (parsed.data.result === 'ok') return { kind: 'success' };
    const code = presentableCode(parsed.data.result);
    return { kind: 'failure', code, entry: this.entryOf(code), text: textOf(code) };
  },
  readLogin(json) {
    const { session, until, host } = parseReply(login, json).payload;
    return { accessToken: session, expiresAt: until ?? null, areaDomain: host };
  },
};
