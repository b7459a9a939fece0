import { ownError } from './errorTable.js';

/** More pages than any account has; a cloud that never ends a listing is stopped here. */
const MOST_PAGES = 401;

export interface ListingPage<T> {
  readonly items: readonly T[];
  /** As the reply gives it: records, or (one reading of the documents) pages; null when it does not say. */
  readonly total: number | null;
  /** How many the cloud put on a page, when it says. */
  readonly size: number | null;
}

/**
 * Follows a listing to its end: the first page that is not full, unless the total says that there is more. An empty page, or
 * one that brings nothing new, always ends it. Throws when it never ends: half a listing would make cameras look missing.
 */
export async function* allPages<T>(
  pageSize: number,
  keyOf: (item: T) => string,
  fetchPage: (index: number) => Promise<ListingPage<T>>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  for (let index = 0; index < MOST_PAGES; index++) {
    const { items, total, size } = await fetchPage(index);
    const fresh = items.filter((item) => !seen.has(keyOf(item)));
    if (fresh.length === 0) return;
    for (const item of fresh) seen.add(keyOf(item));
    yield fresh;
    const full = items.length >= Math.min(pageSize, size !== null && size > 0 ? size : pageSize);
    if (!full && seen.size >= (total ?? 0)) return;
  }
  throw ownError('CLOUD_LISTING_ENDLESS');
}
