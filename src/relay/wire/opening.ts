import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { NotOpened, Opened } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { RELAY_REASONS, type PullReason } from '../../core/streams/relay.js';
import { targetSchema, tracksSchema } from './wire.js';

/** The body of `POST /open`. `again`: a person asks, so a login that the camera refused lately is tried once more. */
export const openSchema = z.object({ target: targetSchema, again: z.boolean().default(false) });

/** For how long a refused login is not tried again: Hikvision and others lock a user out for 30 minutes after some wrong tries. */
export const REFUSED_FOR_MS = 30 * 60_000;

/** What came of an opening, as workers report it. */
export type Outcome = Opened | NotOpened;

const isPullReason = (reason: string): reason is PullReason => reason !== 'no-address' && reason !== 'over-cap';

const notOpenedSchema = z.object({
  // A newer relay may give reasons that this version does not know.
  reason: z
    .enum(RELAY_REASONS)
    .catch('protocol')
    .transform((reason): PullReason => (isPullReason(reason) ? reason : 'refused')),
  code: z.string().max(100).nullable(),
});

/** The outcome as the control port answers it: the key frame is text in base64. */
export const outcomeSchema: z.ZodType<Outcome> = z.union([
  z.object({ tracks: tracksSchema, keyFrame: z.base64().transform((text) => Buffer.from(text, 'base64')) }),
  notOpenedSchema,
]);

/** The outcome between worker and parent. */
export const reportedOutcome: z.ZodType<Outcome> = z.union([
  z.object({ tracks: tracksSchema, keyFrame: z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes)) }),
  notOpenedSchema,
]);

/** Names a target without its URL: the relay's processes tell each other by it whose login a camera refused. */
export function targetKey({ url, revision }: Pick<PullTarget, 'url' | 'revision'>): string {
  return createHash('sha256').update(`${revision} ${url}`).digest('base64url');
}

/**
 * Names a login at a host and port without telling it; null: the address holds none. All channels of a recorder have one, and a recorder counts
 * the wrong tries of a user, not of a channel.
 */
export function loginKey({ url }: Pick<PullTarget, 'url'>): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port, username, password } = new URL(url);
  if (username === '' && password === '') return null;
  const host = `${hostname.toLowerCase()}:${port === '' ? protocol : port}`;
  return createHash('sha256')
    .update(JSON.stringify([host, username, password]))
    .digest('base64url');
}

/** The key under which a second refusal of a login is noted. */
export function secondRefusal(login: string): string {
  return `${login} again`;
}
