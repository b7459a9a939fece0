import type { CameraError } from '../../core/errors.js';
import { listingFailed, type AccountNote } from '../../core/passes/accountNotes.js';
import type { JobsDeps } from '../run/deps.js';
import { accountFault, type AccountStatus } from './accountStates.js';

/** One failed listing is no news, because the next one comes soon: a note is made of this many in a row. */
const FAILURES_TO_TELL = 2;

/** What is strange about each account's latest listing, for as long as that lasts. Changes are logged. */
export class AccountNotes {
  readonly #log: JobsDeps['log'];
  readonly #notes = new Map<string, readonly AccountNote[]>();
  /** Failed listings in a row, by account. */
  readonly #failures = new Map<string, number>();

  constructor({ log }: Pick<JobsDeps, 'log'>) {
    this.#log = log;
  }

  of(account: string): readonly AccountNote[] {
    return this.#notes.get(account) ?? [];
  }

  /** Takes the notes of a complete listing. */
  keep(account: string, notes: readonly AccountNote[]): void {
    const known = new Set(this.of(account).map(({ message }) => message));
    for (const { code, message, cure } of notes) {
      if (!known.has(message)) this.#log.warn(`Account ${account}: ${message}`, { account, code, cure });
    }
    if (notes.length === 0 && known.size > 0) {
      this.#log.info(`Account ${account}: its listing is in order again.`, { account });
    }
    this.#notes.set(account, notes);
    this.#failures.delete(account);
  }

  /**
   * Takes a failed listing: notes of earlier listings stay, because it says nothing about the cameras. The caller has
   * logged the failure.
   */
  failed(account: string, error: CameraError): void {
    const failures = (this.#failures.get(account) ?? 0) + 1;
    this.#failures.set(account, failures);
    const others = this.of(account).filter(({ code }) => code !== 'LISTING_FAILED');
    const isNews = failures >= FAILURES_TO_TELL || error.failureClass === 'permanent';
    if (isNews) this.#notes.set(account, [listingFailed(error), ...others]);
  }

  /** Takes the notes that the account's owner shared, which that replica has logged. */
  learn(account: string, notes: readonly AccountNote[]): void {
    this.#notes.set(account, notes);
  }
}

/**
 * The notes to show for an account. While the account as a whole is refused or away, a failing listing is the same fault,
 * so its note is left out.
 */
export function notesBeside(
  account: Pick<AccountStatus, 'refused' | 'away'>,
  notes: readonly AccountNote[],
): readonly AccountNote[] {
  return accountFault(account) === null ? notes : notes.filter(({ code }) => code !== 'LISTING_FAILED');
}
