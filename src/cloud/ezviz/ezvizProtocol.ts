import { z } from 'zod';
import { presentableCode } from '../errorTable.js';
import { parseReply, type CloudProtocol } from '../protocol.js';
import { epoch, looseText } from '../replyFields.js';
import { ezvizEntry } from './ezvizErrors.js';

const envelopeSchema = z.object({ code: looseText });

const loginSchema = z.object({
  data: z.object({
    accessToken: z.string().min(1),
    expireTime: epoch,
    // The Chinese cloud names none.
    areaDomain: z.string().min(1).nullish(),
  }),
});

/** `/api/lapp`: form bodies with the token among the fields, JSON replies with `code` "200" for success (facts: cloud-apis 2.1). */
export const EZVIZ_PROTOCOL: CloudProtocol = {
  vendor: 'ezviz',
  regions: ['https://open.ezvizlife.com', 'https://open.ys7.com'],
  wrongRegionCode: '10017',
  loginPath: '/api/lapp/token/get',
  loginFields: (appKey, secret) => ({ appKey, appSecret: secret }),
  encode(fields, token) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
    if (token !== null) form.set('accessToken', token);
    return { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: form.toString() };
  },
  envelope(json) {
    const parsed = envelopeSchema.safeParse(json);
    if (!parsed.success) return { kind: 'none' };
    const code = presentableCode(parsed.data.code);
    return code === '200' ? { kind: 'success' } : { kind: 'failure', code, entry: ezvizEntry(code) };
  },
  readLogin(json) {
    const { accessToken, expireTime, areaDomain } = parseReply(loginSchema, json).data;
    return { accessToken, expiresAt: expireTime, areaDomain: areaDomain ?? null };
  },
};
