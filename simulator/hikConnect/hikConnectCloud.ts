import type { Dialect, Endpoint } from '../cloud/cloudServer.js';
import { Fields, Refusal } from '../cloud/fields.js';
import { hikConnectListings } from './hikConnectListings.js';
import { hikConnectStreams } from './hikConnectStreams.js';

/** The NAME in `NAME{CODE}`, by code. */
const NAMES: Readonly<Record<string, string>> = {
  OPEN000001: 'AK_NOT_FOUND',
  OPEN000006: 'TOKEN_NOT_FOUND',
  OPEN000007: 'TOKEN_ERROR',
  OPEN000008: 'PARAM_CONVERT_ERROR',
  OPEN000010: 'PARAM_VALID_ERROR',
  OPEN000025: 'PAGE_SIZE_OUT_OF_RANGE',
  OPEN000031: 'AREA_NOT_EXIST',
  OPEN000501: 'DEVICE_NOT_EXIST',
  OPEN000503: 'RESOURCE_NOT_EXIST',
  OPEN000554: 'DEVICE_OFFLINE',
  OPEN000555: 'DEVICE_TIMEOUT',
  OPEN300002: 'SECRET_KEY_NOT_EQUALS',
  EVZ10001: 'PARAMETER_ERROR',
  EVZ10007: 'CALL_COUNT_LIMITED',
  EVZ10029: 'CALL_FREQUENCY_LIMITED',
  EVZ20002: 'DEVICE_NOT_FOUND',
  EVZ20007: 'DEVICE_OFFLINE',
  EVZ20008: 'DEVICE_RESPONSE_TIMEOUT',
  EVZ60019: 'DEVICE_ENCRYPTED',
};

const PLATFORM = '/api/hccgw/platform/v1';

const endpoints: Readonly<Record<string, Endpoint>> = {
  [`${PLATFORM}/token/get`]: {
    method: 'POST',
    kind: 'token',
    tokens: [],
    run: ({ world, site, account, fields }) => {
      const secret = fields.requiredText('secretKey');
      if (account.faults.has('wrong-region') || account.region !== site.region) throw new Refusal('OPEN000001');
      if (account.faults.has('refused') || secret !== account.secret) throw new Refusal('OPEN300002');
      const { token, expiresAt } = world.tokens.give(account, 'hccgw');
      return {
        accessToken: token,
        expireTime: Math.floor(expiresAt.getTime() / 1000),
        userId: account.appKey.split('').reverse().join(''),
        areaDomain: world.areaUrl('hikconnect', account.region),
      };
    },
  },
  [`${PLATFORM}/streamtoken/get`]: {
    method: 'GET',
    kind: 'stream-token',
    tokens: ['hccgw'],
    run: ({ world, account }) => {
      const { token, expiresAt } = world.tokens.give(account, 'teams');
      return {
        appKey: account.appKey,
        appToken: token,
        streamAreaDomain: world.areaUrl('ezviz', account.region),
        expireTime: String(expiresAt.getTime()),
      };
    },
  },
  [`${PLATFORM}/systemproperties`]: {
    method: 'GET',
    kind: 'system-properties',
    tokens: ['hccgw'],
    run: ({ account }) => ({ systemGUID: account.appKey }),
  },
  ...hikConnectListings,
  ...hikConnectStreams,
};

/** Hik-Connect for Teams: JSON, header `Token`, codes in braces, HTTP 200 for failures. */
export const hikConnectDialect: Dialect = {
  vendor: 'hikconnect',
  endpoints,
  successCode: '0',
  fields: ({ method, body }) => {
    if (method === 'GET' || body === '') return new Fields(new Map(), 'OPEN000010');
    return new Fields(new Map(Object.entries(parseObject(body))), 'OPEN000010');
  },
  token: ({ headers }) => (typeof headers['token'] === 'string' && headers['token'] !== '' ? headers['token'] : null),
  tokenRefusal: (token, { account }) =>
    token === null
      ? new Refusal('OPEN000007')
      : new Refusal('OPEN000006', account === null ? 'TOKEN_NOT_FOUND' : 'TOKEN_EXPIRED'),
  unknownKey: () => new Refusal('OPEN000001'),
  success: (data) => ({ data, errorCode: '0' }),
  failure: ({ code, text }, account) => {
    const message = `${text ?? NAMES[code] ?? 'ERROR'}{${code}}`;
    const wrapped = account?.faults.has('wrapped-codes') === true && /^(EVZ|OPEN0005)/.test(code);
    return { message, errorCode: wrapped ? 'OPEN010001' : code };
  },
};

function parseObject(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Refused below, like any other body that is not an object.
  }
  throw new Refusal('OPEN000008');
}
