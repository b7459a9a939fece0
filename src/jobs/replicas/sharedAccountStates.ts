import { z } from 'zod';
import { messageOf } from '../../core/errors.js';
import type { AccountNote } from '../../core/passes/accountNotes.js';
import type { StoredRecord } from '../../store/recordTable.js';
import type { AccountNotes } from '../accounts/accountNotes.js';
import { NOTHING_KNOWN, type AccountKnowledge, type AccountStates } from '../accounts/accountStates.js';
import type { JobsDeps } from '../run/deps.js';
import type { Ownership } from '../run/ownership.js';
import { accountNoteBody } from './accountNoteBody.js';

const moment = z.iso.datetime().transform((text) => new Date(text));
const stateBody = z.object({
  /** The fingerprint of the key that this is about; null: changes of the key are not watched. */
  fingerprint: z.string().nullable(),
  lastSuccessAt: moment.nullable(),
  refused: z
    .object({
      code: z.string(),
      failureClass: z.enum(['permanent', 'retry', 'reauth', 'quota', 'camera-state']),
      message: z.string(),
      cure: z.string(),
      since: moment,
      at: moment,
      attempts: z.number(),
      nextLookAt: moment,
    })
    .nullable(),
  /** Absent: an older version wrote it. */
  away: z
    .object({ code: z.string(), message: z.string(), cure: z.string(), since: moment, isLasting: z.boolean() })
    .nullable()
    .optional()
    .transform((away) => away ?? null),
  /** Absent: an older version wrote it; not readable: a newer one. */
  notes: z.array(accountNoteBody).optional().catch(undefined),
  queued: z.object({ renew: z.number(), discover: z.number(), capture: z.number() }),
});

export type SharedAccountStatesDeps = Pick<JobsDeps, 'clock' | 'log' | 'owner' | 'accounts'> & {
  readonly ownership: Ownership;
  readonly records: Pick<JobsDeps['records'], 'list' | 'putMany' | 'remove'>;
  readonly states: Pick<AccountStates, 'isFirstHand' | 'known' | 'learn' | 'takeOver'>;
  readonly notes: Pick<AccountNotes, 'of' | 'learn'>;
};

/**
 * What an account's owner knows of it, in a record that the other replicas read, so that their API answers the same. A
 * replica that takes the account over asks its cloud no earlier than the previous owner would have.
 */
export class SharedAccountStates {
  readonly #deps: SharedAccountStatesDeps;
  /** Accounts of ours whose previous owner's record was read. */
  readonly #taken = new Set<string>();

  constructor(deps: SharedAccountStatesDeps) {
    this.#deps = deps;
  }

  /**
   * Reads the records of accounts that others own, and writes those of ours that have changed. Never rejects: while the
   * store is away, the next call does it.
   */
  async poll(): Promise<void> {
    const { accounts, ownership, log } = this.#deps;
    try {
      const records = new Map((await this.#deps.records.list('account-state')).map((record) => [record.id, record]));
      for (const name of accounts.keys()) {
        const record = records.get(name);
        if (ownership.account(name)) await this.#write(name, record);
        else this.#read(name, record);
      }
    } catch (thrown) {
      log.debug(`The states of accounts could not be shared with other replicas: ${messageOf(thrown)}`);
    }
  }

  #read(name: string, record: StoredRecord | undefined): void {
    this.#taken.delete(name);
    const read = record && stateBody.safeParse(record.body);
    if (!read?.success) return;
    this.#deps.states.learn(name, read.data);
    this.#deps.notes.learn(name, read.data.notes ?? []);
  }

  async #write(name: string, record: StoredRecord | undefined): Promise<void> {
    const { clock, owner, ownership, records, states, notes } = this.#deps;
    if (!this.#taken.has(name)) this.#takeOver(name, record);
    if (ownership.isShared?.() !== true) {
      // Alone, this process does not update the record: remove it, so that a later replica does not read an outdated one.
      if (record) await records.remove('account-state', name, record.version);
      return;
    }
    const body = bodyOf(states.known(name), notes.of(name), this.#fingerprint(name));
    if (record && JSON.stringify(record.body) === JSON.stringify(body)) return;
    await records.putMany([{ kind: 'account-state', id: name, group: owner, at: clock.now(), body }]);
  }

  #takeOver(name: string, record: StoredRecord | undefined): void {
    const { states, notes } = this.#deps;
    const read = record && stateBody.safeParse(record.body);
    // The answers to our own calls are newer than the record. The cloud's answers about another key do not apply to our key.
    if (read?.success && !states.isFirstHand(name)) {
      const isOfOurKey = read.data.fingerprint === this.#fingerprint(name);
      states.learn(name, isOfOurKey ? read.data : NOTHING_KNOWN);
      notes.learn(name, isOfOurKey ? (read.data.notes ?? []) : []);
    }
    states.takeOver(name);
    this.#taken.add(name);
  }

  #fingerprint(name: string): string | null {
    return this.#deps.accounts.get(name)?.fingerprint ?? null;
  }
}

/** Field by field, so that nothing else that a failure may hold is stored. */
function bodyOf(
  { lastSuccessAt, refused, away, queued }: AccountKnowledge,
  notes: readonly AccountNote[],
  fingerprint: string | null,
): object {
  return {
    fingerprint,
    lastSuccessAt: lastSuccessAt?.toISOString() ?? null,
    refused: refused && {
      code: refused.code,
      failureClass: refused.failureClass,
      message: refused.message,
      cure: refused.cure,
      since: refused.since.toISOString(),
      at: refused.at.toISOString(),
      attempts: refused.attempts,
      nextLookAt: refused.nextLookAt.toISOString(),
    },
    away: away ? { ...away, since: away.since.toISOString() } : null,
    notes,
    queued: { renew: queued.renew, discover: queued.discover, capture: queued.capture },
  };
}
