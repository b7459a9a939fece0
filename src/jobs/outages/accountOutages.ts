import { outageId, type OutageSubject } from '../../core/outages/outage.js';
import { accountFault, type AccountStatus } from '../accounts/accountStates.js';
import type { JobsDeps } from '../run/deps.js';
import { SOLE_OWNER } from '../run/ownership.js';
import type { OutageWatchBook } from './outageWatchBook.js';

export interface AccountOutagesDeps extends Pick<JobsDeps, 'clock' | 'ownership'> {
  readonly accounts: () => readonly AccountStatus[];
}

/**
 * Begins and ends the outages of accounts: the times in which a cloud refused the account, or could not be reached. Only
 * for accounts that this process owns.
 */
export function checkAccounts(
  { clock, ownership = SOLE_OWNER, accounts }: AccountOutagesDeps,
  book: Pick<OutageWatchBook, 'open' | 'openOf' | 'record'>,
): void {
  const known = new Set<string>();
  for (const account of accounts()) {
    const { name, isFirstHand } = account;
    const fault = accountFault(account);
    known.add(name);
    if (!ownership.account(name)) continue;
    const subject: OutageSubject = { kind: 'account', name };
    const open = book.openOf(subject);
    if (fault && !open) {
      const { code: reason, message, since: beganAt } = fault;
      book.record({ id: outageId(subject, beganAt), subject, reason, message, beganAt, endedAt: null });
    }
    // After a restart or a takeover the account's state is unknown until its cloud has answered.
    if (!fault && open && isFirstHand) book.record({ ...open, endedAt: clock.now() });
  }
  for (const open of book.open()) {
    if (open.subject.kind === 'account' && !known.has(open.subject.name))
      book.record({ ...open, endedAt: clock.now() });
  }
}
