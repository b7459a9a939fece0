import { isIP } from 'node:net';
import { z } from 'zod';
import type { SenderSettings } from '../sender.js';
import { parsePushUrl, pushSecrets, pushTarget } from './push/registry.js';
import { PushUrlMistake } from './push/service.js';
import { templateMistake } from './webhookTemplate.js';

const name = z
  .string('must be given')
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/, 'must be 1 to 40 letters, digits, spaces, dots and dashes');

/** YAML reads 12345 and 1e10 as numbers. */
const secretText = z.string('must be text: in quotes if it looks like a number').min(1, 'must not be empty');
const orNull = <T>(value: T | null | undefined): T | null => value ?? null;

/** Standard Webhooks: 24 to 64 bytes in base64, with or without `whsec_`. */
const webhookSecret = secretText.refine((text) => {
  const bytes = Buffer.from(text.replace(/^whsec_/, ''), 'base64');
  const isBase64 = /^(?:whsec_)?(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  return isBase64 && bytes.length >= 24 && bytes.length <= 64;
}, 'must be whsec_ and 24 to 64 random bytes in base64, as `openssl rand -base64 32` makes them');

/** camlease or the connection sets these headers. */
const TAKEN_HEADERS =
  /^(?:host|connection|content-(?:length|type|encoding)|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|webhook-.*)$/i;
const headerValue = secretText
  .max(4096, 'must be at most 4096 characters')
  .regex(/^[\x20-\x7e]+$/, 'must be letters, digits and symbols on one line, without accents');

const webhookHeaders = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header: letters, digits and dashes')
      .refine((text) => !TAKEN_HEADERS.test(text), 'is set by camlease itself'),
    headerValue,
  )
  .refine((headers) => Object.keys(headers).length <= 20, 'must be at most 20')
  .nullish()
  .transform((headers) => headers ?? {});

/** JSON as text, or the same written as YAML. */
const webhookTemplate = z
  .union([z.string(), z.record(z.string(), z.unknown())], 'must be JSON as text, or entries indented below')
  .nullish()
  .transform((body) =>
    body === null || body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
  )
  .superRefine((body, context) => {
    const mistake = body === null ? null : templateMistake(body);
    if (mistake !== null) context.addIssue({ code: 'custom', message: mistake });
  });

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  name,
  url: z
    .string('must be given')
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'must be an http or https address',
    ),
  secret: webhookSecret.nullish().transform(orNull),
  headers: webhookHeaders,
  body: webhookTemplate,
});

const EMAIL_ADDRESS = /^(?:[^<>@\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;
const emailAddress = z
  .string('must be given')
  .max(254, 'must be at most 254 characters')
  .regex(EMAIL_ADDRESS, 'must be an e-mail address');
const mailPort = 'must be a port from 1 to 65535';
const DEFAULT_PORT = { implicit: 465, starttls: 587, none: 25 } as const;

const email = z
  .strictObject({
    kind: z.literal('email'),
    name,
    host: z
      .string('must be given')
      .refine(
        (text) => isIP(text) > 0 || /^[A-Za-z0-9._-]+$/.test(text),
        'must be the name or address of a mail server, without a port',
      ),
    port: z.int(mailPort).min(1, mailPort).max(65_535, mailPort).optional(),
    tls: z.enum(['implicit', 'starttls', 'none'], 'must be implicit, starttls or none').default('starttls'),
    user: secretText.nullish().transform(orNull),
    password: secretText.nullish().transform(orNull),
    from: emailAddress,
    hello: z
      .string('must be text')
      .regex(
        /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|\[(?:IPv6:)?[0-9A-Fa-f.:]+\])$/,
        'must be a full host name, such as cams.example.org',
      )
      .max(253, 'must be at most 253 characters')
      .nullish()
      .transform(orNull),
    to: z
      .union([emailAddress, z.array(emailAddress)], 'must be an e-mail address or a list of them')
      .transform((one) => [one].flat())
      .refine((list) => list.length > 0 && list.length <= 50, 'must name 1 to 50 recipients'),
  })
  .superRefine(({ tls, user, host }, context) => {
    if (tls !== 'none' || user === null || isLoopbackHost(host)) return;
    const message =
      'must be starttls or implicit: without TLS the password would go to another machine unencrypted. A mail relay on the local network that needs no login may keep none, without user and password';
    context.addIssue({ code: 'custom', path: ['tls'], message });
  })
  .transform(({ port, ...rest }) => ({ ...rest, port: port ?? DEFAULT_PORT[rest.tls] }));

const push = z.strictObject({
  kind: z.literal('push'),
  name,
  url: z.string('must be given').superRefine((text, context) => {
    const mistake = pushMistake(text);
    if (mistake !== null) context.addIssue({ code: 'custom', message: `cannot be used: ${mistake}` });
  }),
});

/** One entry of the list of senders in `camlease.yml`. Error sentences repeat no value, because most values are secrets. */
export const senderSchema = z.discriminatedUnion('kind', [webhook, email, push], {
  error: 'must have a kind: webhook, email or push',
}) satisfies z.ZodType<SenderSettings>;

/** The list of senders. A heading with nothing below it counts as absent. */
export const sendersSchema = z
  .array(senderSchema, 'must be a list, each entry beginning with a dash')
  .nullish()
  .transform((list): readonly SenderSettings[] => list ?? [])
  .superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, one] of list.entries()) {
      if (seen.has(one.name))
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'must not be the name of another sender' });
      seen.add(one.name);
    }
  });

/** What the environment adds, so that secrets need not be in the file. An empty variable counts as not set. */
export interface SenderEnvironment {
  /** Push addresses, separated by spaces. */
  readonly ALERT_URLS?: string | undefined;
  /** For every webhook without a secret of its own. */
  readonly ALERT_WEBHOOK_SECRET?: string | undefined;
  /** For every e-mail sender with a user and no password. */
  readonly ALERT_SMTP_PASSWORD?: string | undefined;
}

/** The senders of the file, completed from the environment; or all mistakes, as sentences without secrets. */
export function completeSenders(
  fromFile: readonly SenderSettings[],
  environment: SenderEnvironment,
): { readonly senders: readonly SenderSettings[]; readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const password = environment.ALERT_SMTP_PASSWORD || null;
  const secret = environment.ALERT_WEBHOOK_SECRET || null;
  if (secret !== null && !webhookSecret.safeParse(secret).success)
    mistakes.push('ALERT_WEBHOOK_SECRET must be whsec_ and 24 to 64 random bytes in base64.');
  const completed = fromFile.map((one): SenderSettings => {
    if (one.kind === 'webhook') return { ...one, secret: one.secret ?? secret };
    if (one.kind === 'push' || one.user === null) return one;
    if (one.password === null && password === null)
      mistakes.push(`The alert sender '${one.name}' has a user but no password: write it, or set ALERT_SMTP_PASSWORD.`);
    return { ...one, password: one.password ?? password };
  });
  const addresses = (environment.ALERT_URLS ?? '').split(/\s+/).filter((address) => address !== '');
  const added = addresses.map((url, index): SenderSettings => {
    const mistake = pushMistake(url);
    if (mistake !== null) mistakes.push(`Address ${index + 1} of ALERT_URLS cannot be used: ${mistake}.`);
    return { kind: 'push', name: `ALERT_URLS ${index + 1}`, url };
  });
  for (const { name: taken } of added)
    if (completed.some((one) => one.name === taken)) mistakes.push(`No alert sender may be named '${taken}'.`);
  return { senders: [...completed, ...added], mistakes };
}

/** Shorter parts of an address are ordinary words: masking them would only make the log unreadable. */
const SHORTEST_SECRET_PART = 12;
const SHORTEST_HEADER_SECRET = 6;

/** Every text of the settings that must not show anywhere, for the redactor. */
export function senderSecrets(settings: readonly SenderSettings[]): string[] {
  return settings.flatMap((one) => {
    if (one.kind === 'email') return one.password === null ? [] : [one.password];
    if (one.kind === 'push') {
      const { password } = parsePushUrl(one.url);
      return [one.url, password, ...pushSecrets(one.url).filter(isLong)].filter((text) => text !== '');
    }
    const { password, pathname, search } = new URL(one.url);
    const secret = one.secret === null ? [] : [one.secret, one.secret.replace(/^whsec_/, '')];
    const parts = [...pathname.split('/'), search.slice(1)].filter(isLong);
    // With and without `Bearer` or the like before it.
    const headers = Object.values(one.headers ?? {}).flatMap((value) => [value, ...value.split(' ').filter(isLong)]);
    return [one.url, password, ...parts, ...secret, ...headers.filter(isHeaderSecret)].filter((text) => text !== '');
  });
}

/** False for `yes` or `2` as a header's value: no secret, and masking would hide the word everywhere. */
function isHeaderSecret(value: string): boolean {
  return value.length >= SHORTEST_HEADER_SECRET;
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function isLong(part: string): boolean {
  return part.length >= SHORTEST_SECRET_PART;
}

function pushMistake(address: string): string | null {
  try {
    pushTarget(address);
    return null;
  } catch (thrown) {
    if (thrown instanceof PushUrlMistake) return thrown.message;
    throw thrown;
  }
}
