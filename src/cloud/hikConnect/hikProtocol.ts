import { z } from 'zod';
import { presentableCode } from '../replies/errorTable.js';
import { parseReply, textOf, type CloudProtocol } from '../replies/protocol.js';
import { areaText, looseText, tokenExpiry } from '../replies/replyFields.js';
import { hikEntry, hikFailure } from './hikErrors.js';

const envelopeSchema = z.object({
  errorCode: looseText,
  // The guide has `message`; some clients have seen `errorMsg`.
  message: z.string().optional().catch(undefined),
  errorMsg: z.string().optional().catch(undefined),
});

const loginSchema = z.object({
  data: z.object({
    accessToken: z.string().trim().min(1),
    expireTime: tokenExpiry,
    areaDomain: areaText,
  }),
});

/**
 * hccgw: JSON both ways, the token in the header `Token`, `errorCode` "0" for success (OpenAPI Developer Guide 2.15, sections
 * 3.1 to 3.3).
 */
export const HIK_PROTOCOL: CloudProtocol = {
  regions: [
    'https://isgp.hikcentralconnect.com',
    'https://ieu.hikcentralconnect.com',
    'https://isa.hikcentralconnect.com',
    'https://ius.hikcentralconnect.com',
    'https://hikcentralconnectru.com',
  ],
  unknownKeyCodes: new Set(['OPEN000001', 'LAP300001', 'EVZ10017', '10017']),
  lastResorts: ['hikcentralconnectru.com'],
  entryOf: hikEntry,
  smallestCall: {
    path: '/api/hccgw/resource/v1/areas/cameras/get',
    fields: { pageIndex: 1, pageSize: 1, filter: { areaID: '-1', includeSubArea: '1' } },
  },
  loginPath: '/api/hccgw/platform/v1/token/get',
  loginFields: (appKey, secret) => ({ appKey, secretKey: secret }),
  encode: ({ fields, token }) => ({
    headers: { 'Content-Type': 'application/json', ...(token !== null && { Token: token }) },
    body: JSON.stringify(fields),
  }),
  envelope(json) {
    const parsed = envelopeSchema.safeParse(json);
    if (!parsed.success) return { kind: 'none' };
    const { errorCode, message, errorMsg } = parsed.data;
    if (errorCode === '0') return { kind: 'success' };
    const { code, entry } = hikFailure(presentableCode(errorCode), textOf('', message ?? errorMsg));
    return { kind: 'failure', code, entry, text: textOf(errorCode, message ?? errorMsg) };
  },
  readLogin(json) {
    const { accessToken, expireTime, areaDomain } = parseReply(loginSchema, json).data;
    return { accessToken, expiresAt: expireTime ?? null, areaDomain };
  },
};
