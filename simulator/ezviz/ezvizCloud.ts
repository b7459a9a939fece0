import type { Dialect, Endpoint } from '../cloud/cloudServer.js';
import { Fields, Refusal } from '../cloud/fields.js';
import { ezvizListings } from './ezvizListings.js';
import { ezvizStreams } from './ezvizStreams.js';

/** The message beside each code. */
const MESSAGES: Readonly<Record<string, string>> = {
  '10001': 'Invalid parameter.',
  '10002': 'AccessToken expired or error.',
  '10005': 'AppKey is frozen.',
  '10007': 'Number of calls is used up.',
  '10013': 'The app has no right to call this API.',
  '10017': 'AppKey does not exist.',
  '10028': 'Capture limit reached.',
  '10029': 'Called too often.',
  '10030': 'AppKey and AppSecret do not match.',
  '20001': 'Channel does not exist.',
  '20002': 'Device does not exist.',
  '20007': 'Device is offline.',
  '20008': 'Device response timed out.',
  '20010': 'Wrong verification code.',
  '20014': 'Illegal deviceSerial.',
  '20018': 'The user does not own the device.',
  '60019': 'Encryption is enabled.',
  '404': 'Not found.',
};

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/api/lapp/token/get': {
    method: 'POST',
    kind: 'token',
    tokens: [],
    run: ({ world, site, account, fields }) => {
      const secret = fields.requiredText('appSecret');
      if (account.faults.has('wrong-region') || account.region !== site.region) throw new Refusal('10017');
      if (account.faults.has('refused') || secret !== account.secret) throw new Refusal('10030');
      const { token, expiresAt } = world.tokens.give(account, 'ezviz');
      const area = account.region === 'cn' ? {} : { areaDomain: world.areaUrl('ezviz', account.region) };
      return { data: { accessToken: token, ...area, expireTime: expiresAt.getTime() } };
    },
  },
  ...ezvizListings,
  ...ezvizStreams,
};

/** EZVIZ Open Platform: forms, the token among the fields, codes as strings, HTTP 200 for failures. */
export const ezvizDialect: Dialect = {
  vendor: 'ezviz',
  endpoints,
  successCode: '200',
  fields: ({ query, headers, body }) => {
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    return new Fields(new Map([...query, ...(isForm ? new URLSearchParams(body) : [])]), '10001');
  },
  token: (_, fields) => fields.text('accessToken', 128),
  tokenRefusal: (token, { account, alive, kind }) => {
    if (token === null) return new Refusal('10001');
    // A Teams token is valid for some calls. For the others the cloud answers as for a device of another account.
    return new Refusal(account !== null && alive && kind === 'teams' ? '20018' : '10002');
  },
  unknownKey: () => new Refusal('10017'),
  success: (result) => ({ ...result, code: '200', msg: 'Operation succeeded' }),
  failure: ({ code, text }) => ({ code, msg: text ?? MESSAGES[code] ?? 'Unknown error.' }),
};
