import type { Request } from 'express';
import { z } from 'zod';
import { AppError } from '../../core/errors.js';
import { readCsv, readJsonEntries } from '../../core/feeds/csvRows.js';
import { faultSentence, type FeedRow } from '../../core/feeds/feedEntry.js';
import type { FeedChange, FeedPlan } from '../../core/feeds/planFeed.js';
import { prefersAsync, replyOfPass } from '../passes/startPass.js';
import { answers } from '../route/contract.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { importBody, importPlanReply } from '../shapes/feedSchemas.js';
import { importReport, runningReply } from '../shapes/passSchemas.js';
import { planQuery } from '../shapes/schemas.js';

type Deps = Pick<HttpDeps, 'jobs' | 'clock' | 'redact'>;
type PlanJson = z.input<typeof importPlanReply>;

export const importCameras = endpoint(
  {
    summary: 'Import cameras by URL from a table or a list',
    description:
      'Takes JSON or a table as text/csv, whose first line names the columns: `url`, `name` or `key`, and if need be `user`, `password`, ' +
      '`mode`, `sound`, `labels` (with semicolons), `enabled`, `location`, `city`, `lat` and `lng`, `attributes` (`floor=2; owner=Parks`). Each row is stored without being opened, and opened soon afterwards; what does not ' +
      'open is the failure of its camera. A row with the key (or, without keys, the name) of an imported camera changes that camera. With ' +
      '`?plan=true` the reply says row by row what would happen, and nothing is written. With `Prefer: respond-async`, or after 30 s, ' +
      'the reply is 202 with the id of the pass.',
    query: planQuery,
    body: { format: 'json-or-csv', required: true, schema: importBody },
    replies: {
      200: answers('The pass ended; with `?plan=true`, the plan.', z.union([importReport, importPlanReply])),
      202: answers('The pass still runs; the header Location has its address.', runningReply),
    },
  },
  importHandler,
);

function importHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { plan } = planQuery.parse({ ...request.query });
    const rows = rowsOf(request);
    if (plan) {
      response.json(planJson(deps.jobs.planImport(rows), rows, deps.redact));
      return;
    }
    await replyOfPass(deps, response, await deps.jobs.importCameras(rows), prefersAsync(request.headers['prefer']));
  };
}

/** Throws REQUEST_INVALID for a body that holds no row at all. */
function rowsOf(request: Request): readonly FeedRow[] {
  const body: unknown = request.body;
  const read = typeof body === 'string' ? readCsv(body) : readJsonEntries(body);
  if (read.problem !== null) throw new AppError('REQUEST_INVALID', read.problem, { cure: read.cure });
  if (read.rows.length > 0) return read.rows;
  throw new AppError('REQUEST_INVALID', 'There is no camera to import.', { cure: 'Send at least one row.' });
}

function planJson(plan: FeedPlan, rows: readonly FeedRow[], redact: (text: string) => string): PlanJson {
  const actions = new Map<string, PlanJson['rows'][number]>();
  for (const { place, entry } of plan.create)
    actions.set(place, { place, key: entry.key, action: 'create', changes: [], message: null });
  for (const one of plan.change)
    actions.set(one.place, {
      place: one.place,
      key: one.entry.key,
      action: 'change',
      changes: changesOf(one),
      message: null,
    });
  for (const fault of plan.refused) {
    const message = redact(faultSentence(fault));
    actions.set(fault.place, { place: fault.place, key: fault.key, action: 'refuse', changes: [], message });
  }
  return {
    success: true,
    rows: rows.map(
      ({ place, entry }) =>
        actions.get(place) ?? { place, key: entry?.key ?? null, action: 'none', changes: [], message: null },
    ),
    summary: {
      ...{ create: plan.create.length, change: plan.change.length },
      ...{ none: plan.unchanged, refuse: plan.refused.length },
    },
  };
}

/** The names of the fields that would change; an address is shown by its name alone. */
function changesOf({ change: { about, ...change }, isElsewhere }: FeedChange): string[] {
  return [...Object.keys(change), ...Object.keys(about ?? {}), ...(isElsewhere ? ['url'] : [])];
}
