import type { z } from 'zod';
import type { CloudVendor } from '../../core/camera/camera.js';
import type { CameraError } from '../../core/errors.js';
import type { ErrorEntry } from './errorTable.js';
import { ownError } from './errorTable.js';

export type Fields = Readonly<Record<string, unknown>>;

/** What the envelope of a reply says. Both clouds answer HTTP 200 to failures too. */
export type Envelope =
  | { readonly kind: 'success' }
  | {
      readonly kind: 'failure';
      readonly code: string;
      readonly entry: ErrorEntry;
      /** The vendor's text and outer code, to look for other codes in; never shown. */
      readonly text: string;
    }
  | { readonly kind: 'none' };

/** What a login reply says, before anything is believed. */
export interface LoginReply {
  readonly accessToken: string;
  /** null: it does not say. */
  readonly expiresAt: Date | null;
  /** null: later calls go to the login host. */
  readonly areaDomain: string | null;
}

/** What differs between the clouds below the level of single calls. */
export interface CloudProtocol {
  readonly vendor: CloudVendor;
  /** Login hosts, tried in this order when the account names none. */
  readonly regions: readonly string[];
  /** Codes by which a host says that it does not know the key: it may live in another region. */
  readonly unknownKeyCodes: ReadonlySet<string>;
  /** Host suffixes that are asked last and never decide what a person is told: they answer almost nobody abroad. */
  readonly lastResorts: readonly string[];
  /** What a code means. */
  entryOf(code: string): ErrorEntry;
  /** A call that every account may make and that asks for next to nothing. */
  readonly smallestCall: { readonly path: string; readonly fields: Fields };
  readonly loginPath: string;
  loginFields(appKey: string, secret: string): Fields;
  encode(
    fields: Fields,
    token: string | null,
  ): { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  envelope(json: unknown): Envelope;
  readLogin(json: unknown): LoginReply;
}

/** Nothing of a vendor's text beyond this is read. */
const LONGEST_TEXT = 1_000;

/** What a failure's envelope says in words, to look for codes in. */
export function textOf(code: string, message = ''): string {
  return `${code.slice(0, LONGEST_TEXT)} ${message.slice(0, LONGEST_TEXT)}`;
}

/** The reply in our own shape, or CLOUD_REPLY_UNREADABLE naming the field; never its value, which may be secret. */
export function parseReply<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path ?? [];
  throw unreadable(path.map(String).join('.') || 'the whole reply');
}

export function unreadable(field: string): Error {
  return ownError('CLOUD_REPLY_UNREADABLE', {
    message: `The reply of the vendor cloud could not be read: ${field} is missing or not of the kind that we know.`,
  });
}

/** JSON that is no envelope of the vendor. */
export function withoutCode(): CameraError {
  return ownError('CLOUD_REPLY_UNREADABLE', {
    message: 'The reply of the cloud holds no code, and so says neither success nor failure.',
  });
}
