import { ownError } from './errorTable.js';
import type { OddOnPage } from './listingRecords.js';

/** More pages than any account has; stops a cloud that never ends a listing. */
const MOST_PAGES = 401;
const MOST_RECORDS = 100_000;
/**
 * How many pages in a row may bring nothing new while the total says that there is more: one in the middle may be empty or
 * repeated.
 */
const MOST_BARREN_PAGES = 2;

export interface ListingPage<T> {
  readonly items: readonly T[];
  readonly odd: readonly OddOnPage[];
  /** As the reply gives it: records, or pages (the documents allow both readings); null when it does not say. */
  readonly total: number | null;
  /** How many records the cloud put on a page, when it says. */
  readonly size: number | null;
}

/** A page without repetitions; the last one also says how the listing ended. */
export interface FreshPage<T> {
  readonly items: readonly T[];
  /** `position` counts from 1, over all pages. */
  readonly odd: ReadonlyArray<Omit<OddOnPage, 'index'> & { readonly position: number }>;
  /**
   * On the last page of a listing that did not show all: how many records the cloud says there are; null: it repeated itself or
   * changed.
   */
  readonly short?: { readonly promised: number | null };
}

/** How a listing's items are told apart, and which of two records of one item wins (the later one, when true). */
export interface Identity<T> {
  readonly keyOf: (item: T) => string;
  readonly isBetter?: (later: T, former: T) => boolean;
}

/**
 * Follows a listing to its end: the first page that is not full, unless the total says that there is more. An item that is
 * listed twice comes once, or again when the later record is better. Throws when the listing never ends: half a listing would
 * make cameras look missing.
 */
export async function* allPages<T>(
  pageSize: number,
  { keyOf, isBetter = () => false }: Identity<T>,
  fetchPage: (index: number) => Promise<ListingPage<T>>,
): AsyncGenerator<FreshPage<T>> {
  const seen = new Map<string, T>();
  let records = 0;
  let barren = 0;
  let highestTotal = 0;
  let formerOdd = '';
  for (let index = 0; index < MOST_PAGES && records < MOST_RECORDS; index++) {
    const { items, odd, total, size } = await fetchPage(index);
    const before = seen.size;
    const fresh: T[] = [];
    for (const item of items) {
      const key = keyOf(item);
      const former = seen.get(key);
      if (former !== undefined && !isBetter(item, former)) continue;
      seen.set(key, item);
      fresh.push(item);
    }
    const count = items.length + odd.length;
    const oddNow = JSON.stringify(odd);
    const isBarren = seen.size === before && (items.length > 0 || odd.length === 0 || oddNow === formerOdd);
    formerOdd = oddNow;
    const placed = isBarren ? [] : odd.map(({ index: at, ...rest }) => ({ ...rest, position: records + at + 1 }));
    // A page that only repeats earlier ones does not count; a camera in two areas is two records.
    if (!isBarren) records += count;
    barren = isBarren ? barren + 1 : 0;
    highestTotal = Math.max(highestTotal, total ?? 0);
    const promises = highestTotal > records;
    const isFull = count >= Math.min(pageSize, size !== null && size > 0 ? size : pageSize);
    const isOver = promises ? barren >= MOST_BARREN_PAGES : isBarren || !isFull;
    if (!isOver) {
      yield { items: fresh, odd: placed };
      continue;
    }
    // A total that fell means that records moved to pages already read; a full page that repeats itself says nothing about the
    // rest.
    const hasFallen = total !== null && total > 0 && total < highestTotal;
    const isRepeating = isBarren && isFull && highestTotal === 0;
    const short =
      promises && !hasFallen ? { promised: highestTotal } : hasFallen || isRepeating ? { promised: null } : null;
    yield { items: fresh, odd: placed, ...(short && { short }) };
    return;
  }
  throw ownError('CLOUD_LISTING_ENDLESS');
}
