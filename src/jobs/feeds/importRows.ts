import { faultSentence, type EntryFault, type FeedRow } from '../../core/feeds/feedEntry.js';
import { planFeed, type FeedPlan } from '../../core/feeds/planFeed.js';
import type { FailedRow, ImportReport } from '../../core/passes/pass.js';
import type { JobsStore } from '../run/deps.js';
import type { Progress } from '../run/passes.js';
import { carryOut, type CarryOutDeps } from './carryOut.js';

/** The feed of cameras that a person imports. */
const IMPORT_FEED = 'import';

/** What importing these rows would do. An import is no whole list: what it does not name stays, and a deleted camera comes back. */
export function planImport(store: Pick<JobsStore, 'peekAll'>, rows: readonly FeedRow[]): FeedPlan {
  return planFeed(IMPORT_FEED, rows, { cameras: store.peekAll(), deleted: [], isComplete: false });
}

/** Carries out `planImport`. A row that cannot be stored costs the others nothing. */
export async function runImport(
  deps: CarryOutDeps & { readonly store: Pick<JobsStore, 'peekAll' | 'update'> },
  rows: readonly FeedRow[],
  progress: Progress,
  signal: AbortSignal,
): Promise<ImportReport> {
  progress.grow(rows.length);
  const plan = planImport(deps.store, rows);
  for (let count = plan.unchanged; count > 0; count--) progress.skipped();
  for (let count = plan.refused.length; count > 0; count--) progress.failed();
  const done = await carryOut(deps, plan, signal, progress);
  const failed = [...plan.refused, ...done.refused].map(failedRow);
  return {
    ...{ success: failed.length === 0, created: done.created.length, changed: done.changed.length },
    ...{ unchanged: plan.unchanged, failed, pass: progress.passId },
  };
}

function failedRow(fault: EntryFault): FailedRow {
  return { place: fault.place, key: fault.key, message: faultSentence(fault) };
}
