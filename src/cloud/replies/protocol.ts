import type { z } from 'zod';
import type { CameraError } from '../../core/errors.js';
import type { ErrorEntry } from './errorTable.js';
import { ownError } from './errorTable.js';

export type Fields = Readonly<Record<string, unknown>>;

/** The outcome in a reply's envelope. Both clouds answer failures with HTTP 200, too. */
export type Envelope =
  | { readonly kind: 'success' }
  | {
      readonly kind: 'failure';
      readonly code: string;
      readonly entry: ErrorEntry;
      /** The vendor's text and outer code, searched for other codes; never shown. */
      readonly text: string;
    }
  | { readonly kind: 'none' };

/** Everything that a request, or its signature, may be made of. */
export interface CallToEncode {
  readonly path: string;
  readonly fields: Fields;
  /** null: a login. */
  readonly token: string | null;
  readonly appKey: string;
  readonly secret: string;
  readonly now: Date;
  /** A text of letters, digits and dashes that no other call has. */
  readonly nonce: () => string;
}

/** A login reply as read, before it is checked. */
export interface LoginReply {
  readonly accessToken: string;
  /** null: the reply does not say. */
  readonly expiresAt: Date | null;
  /** null: later calls go to the login host. */
  readonly areaDomain: string | null;
}

/** What differs between the clouds, apart from single calls. */
export interface CloudProtocol {
  /** Login hosts, tried in this order when the account names none. */
  readonly regions: readonly string[];
  /** Codes by which a host says that it does not know the key: the account may be in another region. */
  readonly unknownKeyCodes: ReadonlySet<string>;
  /** Host suffixes that are asked last and whose answers never decide the error: from abroad they hardly ever answer. */
  readonly lastResorts: readonly string[];
  entryOf(code: string): ErrorEntry;
  /** A cheap call that every account may make. */
  readonly smallestCall: { readonly path: string; readonly fields: Fields };
  readonly loginPath: string;
  loginFields(appKey: string, secret: string): Fields;
  /** The request for a call, signed where the cloud wants that. Runs at the moment at which the request leaves. */
  encode(call: CallToEncode): { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  envelope(json: unknown): Envelope;
  readLogin(json: unknown): LoginReply;
}

/** The part of a vendor's text that is read; the rest is ignored. */
const LONGEST_TEXT = 1_000;

/** The text of a failure's envelope, to search for codes. */
export function textOf(code: string, message = ''): string {
  return `${code.slice(0, LONGEST_TEXT)} ${message.slice(0, LONGEST_TEXT)}`;
}

/** The reply in camlease's own shape. Throws CLOUD_REPLY_UNREADABLE with the field's name, never its value, which may be secret. */
export function parseReply<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path ?? [];
  throw unreadable(path.map(String).join('.') || 'the whole reply');
}

export function unreadable(field: string): Error {
  return ownError('CLOUD_REPLY_UNREADABLE', {
    message: `The reply of the vendor cloud could not be read: ${field} is missing or of an unexpected kind.`,
  });
}

/** The error for JSON that is no envelope of the vendor. */
export function withoutCode(): CameraError {
  return ownError('CLOUD_REPLY_UNREADABLE', {
    message: 'The reply of the cloud contains no code, so it reports neither success nor failure.',
  });
}
