import type { Response } from 'express';
import { AppError } from '../../core/errors.js';
import type { Pass, PassHandle, PassReport } from '../../core/passes/pass.js';
import { PLANNABLE, planned, refusePlan, requireCameras } from '../cameras/plan.js';
import { readBody } from '../route/body.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { errorBody, statusOf } from '../transport/errorHandler.js';
import { answers, refuses } from '../route/contract.js';
import { z } from 'zod';
import { initializeReply, renewReply, runningReply } from '../shapes/passSchemas.js';
import { emptyBody, planQuery, renewBody } from '../shapes/schemas.js';
import { planReply } from '../shapes/replySchemas.js';

/** How long a reply waits for its pass; after that, 202 names the pass instead. */
const WAIT_MS = 30_000;

const ASYNC =
  'With `Prefer: respond-async`, or when the pass takes longer than 30 s, the reply is 202 with the id of the pass.';

type Deps = Pick<HttpDeps, 'jobs' | 'accounts' | 'cameras' | 'clock' | 'redact'>;

export const initialize = endpoint(
  {
    summary: 'Find and lease all cameras',
    description: `Lists the cameras of all accounts (EZVIZ, too), leases every online camera and writes the paths of the media server. Joins a pass that is already running. ${ASYNC}`,
    body: { format: 'json', required: false, schema: emptyBody },
    replies: {
      200: answers('The pass ended; this is its report.', initializeReply),
      202: answers('The pass still runs; the header Location has its address.', runningReply),
      409: refuses('No account is configured.'),
      502: refuses('The clouds refuse every account.'),
    },
  },
  initializeHandler,
);

/** Discovers all accounts and leases every online camera. The path keeps its old name because clients use it. */
function initializeHandler(deps: Deps): Handler {
  return async (request, response) => {
    refusePlan(request);
    readBody(emptyBody, request);
    if (deps.accounts.list().length === 0) throw noAccount();
    const handle = await deps.jobs.initialize();
    await replyOfPass(deps, response, handle, prefersAsync(request.headers['prefer']), 'Cameras initialized');
  };
}

export const renew = endpoint(
  {
    summary: 'Renew leases',
    description: `Renews the cameras that are due. With \`force\` it renews the others, too, and \`bypassed\` in the reply counts them by what would have stopped them. Answers after the proof of the new leases. ${ASYNC} ${PLANNABLE}`,
    query: planQuery,
    body: { format: 'json', required: false, schema: renewBody },
    replies: {
      200: answers(
        'The pass ended, and this is its report; with `?plan=true`, the plan.',
        z.union([renewReply, planReply]),
      ),
      202: answers('The pass still runs; the header Location has its address.', runningReply),
      404: refuses('One of the cameras does not exist.'),
    },
  },
  renewHandler,
);

/** Renews the cameras named, or those that are due. */
function renewHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { plan } = planQuery.parse({ ...request.query });
    const { cameraIds, force } = readBody(renewBody, request);
    requireCameras(deps, cameraIds);
    const wish = {
      ...(cameraIds !== undefined && { cameraIds: [...new Set(cameraIds)] }),
      ...(force !== undefined && { force }),
    };
    if (plan) {
      response.json(await planned(deps, response, [{ action: 'renew', ...wish }]));
      return;
    }
    const handle = await deps.jobs.renew(wish);
    await replyOfPass(deps, response, handle, prefersAsync(request.headers['prefer']), 'Cameras renewed');
  };
}

/** `done`: the outcome in a few words, for clients that read no counts. */
export async function replyOfPass(
  deps: Pick<HttpDeps, 'clock' | 'redact'>,
  response: Response,
  handle: PassHandle,
  async: boolean,
  done?: string,
): Promise<void> {
  const pass = async ? null : await endedInTime(deps, handle);
  response.setHeader('Location', `/api/pass/${encodeURIComponent(handle.id)}`);
  if (pass === null) {
    const message = `Still running; GET /api/pass/${handle.id} tells how it ends`;
    response.status(202).json({ success: true, message, pass: handle.id, state: 'running' });
  } else if (pass.error !== null || pass.report === null) {
    const error = pass.error ?? { code: 'INTERNAL', message: 'The pass left no report.' };
    response
      .status(statusOf(error.code))
      .json(errorBody(error.code, deps.redact(error.message), error.cure, deps.redact));
  } else {
    response.json({ ...pass.report, ...(done !== undefined && { message: sentenceOf(pass.report, done) }) });
  }
}

function sentenceOf(report: PassReport, done: string): string {
  const failed = 'failed' in report ? report.failed.length : 0;
  return failed === 0 ? done : `${done}; ${failed} failed, see "failed"`;
}

/** null: the pass still runs. */
function endedInTime({ clock }: Pick<HttpDeps, 'clock'>, handle: PassHandle): Promise<Pass | null> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(WAIT_MS, () => {
      resolve(null);
    });
    handle.ended.then((pass) => {
      cancel();
      resolve(pass);
    }, reject);
  });
}

/** `Prefer: respond-async` (RFC 7240): a page that shows progress does not want to wait. */
export function prefersAsync(prefer: string | string[] | undefined): boolean {
  return typeof prefer === 'string' && /(?:^|[,\s])respond-async(?:$|[,;\s])/i.test(prefer);
}

function noAccount(): AppError {
  return new AppError('NO_ACCOUNT', 'No account at a vendor cloud is configured.', {
    cure: 'Put the keys of a vendor into .env, where .env.example shows them, and start camlease again.',
  });
}
