const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Nobody asks for one camera more often within an hour, whatever fails. */
const MOST_CALLS_PER_HOUR = 45;
/** Nor for the cameras of an account that has used up its calls. */
const MOST_OVER_QUOTA_PER_HOUR = 40;
/** Nor, in a day, for one that is dark and away: nothing would come of it. */
const MOST_IN_VAIN_PER_DAY = 45;
/** Nor, in an hour, for a camera that was refused for good: one look at its settings, and those that news of the account bring. */
const MOST_REFUSED_PER_HOUR = 4;
/** Nor is one URL given back more often in a day: five tries, and some more where the process died amid them. */
const MOST_GIVEN_BACK_PER_DAY = 10;

/** Which calls were in vain; tells when they were too many. */
export class CallBook {
  readonly #now: () => number;
  readonly #tooMany: (subject: string, sentence: string) => void;
  readonly #times = new Map<string, number[]>();

  constructor(now: () => number, tooMany: (subject: string, sentence: string) => void) {
    this.#now = now;
    this.#tooMany = tooMany;
  }

  /** A camera's live address was asked for. */
  called(ref: string): void {
    if (this.#count(ref, HOUR) === MOST_CALLS_PER_HOUR + 1)
      this.#tooMany(ref, `it was asked for more than ${MOST_CALLS_PER_HOUR} times within an hour`);
  }

  /** The same for one that has no lease to lose, and is away. */
  calledInVain(ref: string): void {
    if (this.#count(`vain ${ref}`, DAY) === MOST_IN_VAIN_PER_DAY + 1)
      this.#tooMany(
        ref,
        `it was asked for more than ${MOST_IN_VAIN_PER_DAY} times in a day though it is dark and away`,
      );
  }

  /** The cloud said that the account has used up its calls. */
  overQuota(account: string): void {
    if (this.#count(`quota ${account}`, HOUR) === MOST_OVER_QUOTA_PER_HOUR + 1)
      this.#tooMany(
        account,
        `more than ${MOST_OVER_QUOTA_PER_HOUR} calls within an hour though its calls were used up`,
      );
  }

  /** The cloud refused a camera for good. */
  refusedForGood(ref: string): void {
    if (this.#count(`refused ${ref}`, HOUR) === MOST_REFUSED_PER_HOUR + 1)
      this.#tooMany(
        ref,
        `it was asked for more than ${MOST_REFUSED_PER_HOUR} times in an hour though refused for good`,
      );
  }

  /** Its cloud was told to take this URL back. */
  givenBack(ref: string, urlId: string): void {
    if (this.#count(`back ${urlId}`, DAY) === MOST_GIVEN_BACK_PER_DAY + 1)
      this.#tooMany(ref, `one URL was given back more than ${MOST_GIVEN_BACK_PER_DAY} times in a day`);
  }

  /** More calls came in a second than the vendor takes, and nothing was wrong with the account. */
  tooFast(account: string): void {
    this.#tooMany(account, 'more calls came within a second than the vendor takes');
  }

  #count(subject: string, withinMs: number): number {
    const now = this.#now();
    const times = [...(this.#times.get(subject) ?? []), now].filter((time) => now - time < withinMs);
    this.#times.set(subject, times);
    return times.length;
  }
}
