import type { CloudVendor } from '../../../src/core/camera/camera.js';
import { startSimulator, type Fleet, type Simulator } from '../../../simulator/index.js';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';

/** An unchanged reply, and the parts of either vendor's envelope that tests check. */
export interface RawReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly code: string;
  readonly message: string;
  /** The `data` of a success, as JSON: tests compare all of it, or read fields with `field`. */
  readonly data: unknown;
  readonly page: unknown;
}

/** Starts a simulator on a turned clock, without an origin. Its rate limit refuses no calls, since time stands still in these tests. */
export async function startTestCloud(fleet: Fleet): Promise<{ simulator: Simulator; clock: TurnedClock }> {
  const clock = new TurnedClock();
  for (const account of fleet.accounts) account.rateLimit.strict = false;
  return { simulator: await startSimulator({ fleet, clock, origin: null }), clock };
}

export async function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<RawReply> {
  return read(
    await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
  );
}

export async function postForm(url: string, fields: Record<string, string | number>): Promise<RawReply> {
  const texts = Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]);
  return read(await fetch(url, { method: 'POST', body: new URLSearchParams(texts) }));
}

export async function getJson(url: string, headers: Record<string, string> = {}): Promise<RawReply> {
  return read(await fetch(url, { headers }));
}

/** Logs in with the first account of a vendor; `call` calls the area host with the token. */
export async function logIn(
  { accounts }: Simulator,
  vendor: CloudVendor,
): Promise<{
  token: string;
  areaUrl: string;
  call: (path: string, fields?: Record<string, unknown>) => Promise<RawReply>;
}> {
  const account = accounts.find((each) => each.vendor === vendor);
  const baseUrl = account?.baseUrls[0];
  if (!account || baseUrl === undefined) throw new Error(`this fleet has no ${vendor} account`);
  const { appKey, secret } = account;
  const reply =
    vendor === 'hikconnect'
      ? await postJson(`${baseUrl}/api/hccgw/platform/v1/token/get`, { appKey, secretKey: secret })
      : await postForm(`${baseUrl}/api/lapp/token/get`, { appKey, appSecret: secret });
  const token = textField(reply.data, 'accessToken');
  const areaUrl = textField(reply.data, 'areaDomain');
  const call = (path: string, fields: Record<string, unknown> = {}): Promise<RawReply> =>
    vendor === 'hikconnect'
      ? postJson(`${areaUrl}/api/hccgw/${path}`, fields, { Token: token })
      : postForm(`${areaUrl}/api/lapp/${path}`, { accessToken: token, ...asFormFields(fields) });
  return { token, areaUrl, call };
}

export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

export function textField(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== 'string') throw new Error(`"${name}" is no text`);
  return found;
}

export function listField(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  if (!Array.isArray(found)) throw new Error(`"${name}" is no list`);
  return found;
}

function asFormFields(fields: Record<string, unknown>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

async function read(response: Response): Promise<RawReply> {
  const text = await response.text();
  const body = parse(text);
  const code = field(body, 'errorCode') ?? field(body, 'code');
  const message = field(body, 'message') ?? field(body, 'msg');
  return {
    status: response.status,
    headers: response.headers,
    text,
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
    data: field(body, 'data'),
    page: field(body, 'page'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
