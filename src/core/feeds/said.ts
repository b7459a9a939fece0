import { hash } from 'node:crypto';
import type { FeedEntry } from './feedEntry.js';

/** A digest of each value that an entry has, by field. */
export type Said = Readonly<Record<string, string>>;

/** A list says another value about once in 2^48 times without it being seen. */
const DIGITS = 12;

/** What an entry says, to be compared with what it says the next time. Holds no value, since an address and a login are secret. */
export function saidBy(feed: string, { key, url, login, settings }: FeedEntry): Said {
  const { about = {}, ...plain } = settings;
  const values = { url: [url, login?.user ?? null, login?.password ?? null], ...plain, ...about };
  const digest = (field: string, value: unknown): string =>
    hash('sha256', JSON.stringify([feed, key, field, value]), 'hex').slice(0, DIGITS);
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, digest(field, value)]));
}
