import type { AccountNote } from '../core/accountNotes.js';
import type { JobsDeps } from './deps.js';

/** What is strange about each account's latest listing, for as long as it lasts; told in the log when it changes. */
export class AccountNotes {
  readonly #log: JobsDeps['log'];
  readonly #notes = new Map<string, readonly AccountNote[]>();

  constructor({ log }: Pick<JobsDeps, 'log'>) {
    this.#log = log;
  }

  of(account: string): readonly AccountNote[] {
    return this.#notes.get(account) ?? [];
  }

  /** What a listing that came to its end showed; a listing that failed says nothing, and what was known stays. */
  keep(account: string, notes: readonly AccountNote[]): void {
    const known = new Set(this.of(account).map(({ message }) => message));
    for (const { code, message, cure } of notes) {
      if (!known.has(message)) this.#log.warn(`Account ${account}: ${message}`, { account, code, cure });
    }
    if (notes.length === 0 && known.size > 0) {
      this.#log.info(`Account ${account}: its listing is in order again.`, { account });
    }
    this.#notes.set(account, notes);
  }
}
