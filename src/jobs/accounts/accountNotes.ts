import type { CameraError } from '../../core/errors.js';
import { listingFailed, type AccountNote } from '../../core/passes/accountNotes.js';
import type { JobsDeps } from '../run/deps.js';
import { accountFault, type AccountStatus } from './accountStates.js';

/** One listing that is lost is no news: the next one comes soon. */
const FAILURES_TO_TELL = 2;

/** What is strange about each account's latest listing, for as long as it lasts; told in the log when it changes. */
export class AccountNotes {
  readonly #log: JobsDeps['log'];
  readonly #notes = new Map<string, readonly AccountNote[]>();
  /** Listings in a row that did not come to their end. */
  readonly #failures = new Map<string, number>();

  constructor({ log }: Pick<JobsDeps, 'log'>) {
    this.#log = log;
  }

  of(account: string): readonly AccountNote[] {
    return this.#notes.get(account) ?? [];
  }

  /** What a listing that came to its end showed. */
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

  /** A listing failed: it says nothing about the cameras, and what was known of them stays. The log has it from whoever asked. */
  failed(account: string, error: CameraError): void {
    const failures = (this.#failures.get(account) ?? 0) + 1;
    this.#failures.set(account, failures);
    const others = this.of(account).filter(({ code }) => code !== 'LISTING_FAILED');
    const isNews = failures >= FAILURES_TO_TELL || error.failureClass === 'permanent';
    if (isNews) this.#notes.set(account, [listingFailed(error), ...others]);
  }

  /** What the account's owner tells becomes what is known here; the owner has told the log. */
  learn(account: string, notes: readonly AccountNote[]): void {
    this.#notes.set(account, notes);
  }
}

/** The notes to tell of an account: where nothing of it is served, that its listing fails is the same fault once more. */
export function notesBeside(
  account: Pick<AccountStatus, 'refused' | 'away'>,
  notes: readonly AccountNote[],
): readonly AccountNote[] {
  return accountFault(account) === null ? notes : notes.filter(({ code }) => code !== 'LISTING_FAILED');
}
