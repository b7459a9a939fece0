/** One record of a vendor's listing that could not be read. Holds no value of the record but its serial. */
export interface OddRecord {
  /** Which of the vendor's listings it stands in. */
  readonly listing: 'cameras' | 'devices';
  /** From 1, over all pages. */
  readonly position: number;
  /** null: the record has none that can be read. */
  readonly deviceSerial: string | null;
  /** The field that is missing or wrong, by the vendor's name, with dots. */
  readonly field: string;
}

export const ACCOUNT_NOTE_CODES = [
  'LISTING_ODD_RECORDS',
  'LISTING_INCOMPLETE',
  'LISTING_EMPTY',
  'LISTING_FAILED',
] as const;

/** What is strange about the listing of an account that the cloud accepts. It lasts until a listing is clean again. */
export interface AccountNote {
  readonly code: (typeof ACCOUNT_NOTE_CODES)[number];
  readonly message: string;
  readonly cure: string;
  /** The first odd records; empty for other notes. */
  readonly records: readonly OddRecord[];
}

/** What a whole listing showed. */
export interface ListingFacts {
  /** What the operator looks at when the listing is empty. */
  readonly emptyListingCure: string;
  /** How many different cameras it listed. */
  readonly cameras: number;
  readonly odd: readonly OddRecord[];
  /**
   * Set when the listing is incomplete. `promised`: how many cameras the cloud says there are; null when it does not say,
   * but repeated itself or changed while it was read.
   */
  readonly short: { readonly promised: number | null } | null;
  /** How many cameras of the account are kept although this listing, the first empty one, does not show them. */
  readonly spared?: number;
}

const MOST_RECORDS = 20;
const RECORDS_IN_SENTENCE = 3;

/** What the operator should know about a listing that succeeded; empty when all is well. */
export function accountNotes(facts: ListingFacts): AccountNote[] {
  const { odd, short, cameras } = facts;
  return [
    ...(odd.length > 0 ? [oddRecords(odd)] : []),
    ...(short !== null ? [incomplete(short.promised, cameras)] : []),
    ...(cameras === 0 && odd.length === 0 && short === null ? [empty(facts)] : []),
  ];
}

/** The note for a listing that fails, while the account's other calls may succeed. */
export function listingFailed({ message, cure }: { readonly message: string; readonly cure: string }): AccountNote {
  return {
    code: 'LISTING_FAILED',
    message: `The listing of the account's cameras fails: ${message}`,
    cure: `Known cameras keep working; while this lasts, camlease finds no new cameras and sees no changes. ${cure}`,
    records: [],
  };
}

function oddRecords(odd: readonly OddRecord[]): AccountNote {
  const named = odd.slice(0, RECORDS_IN_SENTENCE).map(describe).join('; ');
  const more = odd.length > RECORDS_IN_SENTENCE ? `; and ${odd.length - RECORDS_IN_SENTENCE} more` : '';
  const count = odd.length === 1 ? 'One record' : `${odd.length} records`;
  return {
    code: 'LISTING_ODD_RECORDS',
    message: `${count} of the cloud's listing could not be read: ${named}${more}.`,
    cure:
      'All other cameras keep working, and camlease marks none as missing while this lasts. Check the named device in the vendor app: a channel ' +
      'without a camera, or a device that was not added completely, is the usual cause. If all is well there, report it to the developers of camlease.',
    records: odd.slice(0, MOST_RECORDS),
  };
}

function describe({ listing, position, deviceSerial, field }: OddRecord): string {
  const whose = deviceSerial === null ? '' : ` (serial ${deviceSerial})`;
  return `record ${position} of the ${listing}${whose}, ${field} is missing or of an unexpected kind`;
}

function incomplete(promised: number | null, cameras: number): AccountNote {
  const message =
    promised === null
      ? `The cloud's listing changed or repeated itself while camlease read it; it showed ${counted(cameras)}.`
      : `The cloud says that the account has ${counted(promised)}, and its listing showed ${cameras}.`;
  return {
    code: 'LISTING_INCOMPLETE',
    message,
    cure: 'camlease keeps the cameras that it knows and marks none as missing while this lasts. If it stays, check the rights of these keys.',
    records: [],
  };
}

function empty({ emptyListingCure, spared = 0 }: ListingFacts): AccountNote {
  const unsure = `The ${counted(spared)} that the account had until now keep working; camlease marks them as missing if the next listing is empty, too. `;
  return {
    code: 'LISTING_EMPTY',
    message: 'The cloud accepts the account but lists no camera for it.',
    cure: `${spared > 0 ? unsure : ''}${emptyListingCure}`,
    records: [],
  };
}

function counted(cameras: number): string {
  return cameras === 1 ? '1 camera' : `${cameras} cameras`;
}
