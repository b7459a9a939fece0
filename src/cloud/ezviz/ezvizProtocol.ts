import { z } from 'zod';
import { presentableCode } from '../replies/errorTable.js';
import { parseReply, textOf, type CloudProtocol } from '../replies/protocol.js';
import { areaText, looseText, tokenExpiry } from '../replies/replyFields.js';
import { ezvizEntry, ezvizFailure } from '../ezvizPlatform/ezvizErrors.js';

const envelopeSchema = z.object({ code: looseText, msg: z.string().optional().catch(undefined) });

const loginSchema = z.object({
  data: z.object({
    accessToken: z.string().trim().min(1),
    expireTime: tokenExpiry,
    // The Chinese cloud names no area.
    areaDomain: areaText,
  }),
});

/**
 * `/api/lapp`: form bodies with the token among the fields, JSON replies with `code` "200" for success
 * (https://open.ys7.com/help/81).
 */
export const EZVIZ_PROTOCOL: CloudProtocol = {
  // The first host leads to the regions of the Americas and Singapore; the other regions have hosts of their own.
  regions: [
    'https://open.ezvizlife.com',
    'https://open.ys7.com',
    'https://ieuopen.ezvizlife.com',
    'https://isgpopen.ezvizlife.com',
    'https://iusopen.ezvizlife.com',
    'https://isaopen.ezvizlife.com',
    'https://iindiaopen.ezvizlife.com',
    'https://ivnopen.ezvizlife.com',
    'https://irusopen.ezvizru.com',
  ],
  unknownKeyCodes: new Set(['10017', 'EVZ10017', 'OPEN000001', 'LAP300001']),
  lastResorts: ['ezvizru.com'],
  // The codes with which Hik-Connect says the same.
  entryOf: (code) => ezvizEntry(/^(?:EVZ10017|OPEN000001|LAP300001)$/.test(code) ? '10017' : code),
  smallestCall: { path: '/api/lapp/camera/list', fields: { pageStart: 0, pageSize: 1 } },
  loginPath: '/api/lapp/token/get',
  loginFields: (appKey, secret) => ({ appKey, appSecret: secret }),
  encode({ fields, token }) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
    if (token !== null) form.set('accessToken', token);
    return { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: form.toString() };
  },
  envelope(json) {
    const parsed = envelopeSchema.safeParse(json);
    if (!parsed.success) return { kind: 'none' };
    const { code: said, msg } = parsed.data;
    const code = presentableCode(said);
    if (code === '200') return { kind: 'success' };
    const text = textOf(said, msg);
    return { kind: 'failure', code, entry: ezvizFailure(code, text), text };
  },
  readLogin(json) {
    const { accessToken, expireTime, areaDomain } = parseReply(loginSchema, json).data;
    return { accessToken, expiresAt: expireTime ?? null, areaDomain };
  },
};
