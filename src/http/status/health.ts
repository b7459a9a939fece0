import { AppError, messageOf } from '../../core/errors.js';
import { feedsTrouble } from '../../core/feeds/feedState.js';
import { darkCameras, refusedCameras } from './darkCameras.js';
import { leftOutSentence, refusedWritesSentence } from '../cameras/leftOut.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers } from '../route/contract.js';
import { healthReply, readyReply } from '../shapes/replySchemas.js';

interface Part {
  readonly ready: boolean;
  readonly problem: string | null;
  /** Work under way that is no problem. */
  readonly note?: string;
}

interface StorePart extends Part {
  /** Why the store is not ready; empty: it is. */
  readonly code: string;
}

type ReadyDeps = Pick<
  HttpDeps,
  'cameras' | 'engine' | 'accounts' | 'jobs' | 'outages' | 'feeds' | 'snapshots' | 'clock' | 'redact'
>;

export const health = endpoint(
  {
    summary: 'Check that the process is alive',
    replies: { 200: answers('The process is alive.', healthReply) },
  },
  healthHandler,
);

/** Says that the process answers; checks nothing else. */
function healthHandler({ version }: Pick<HttpDeps, 'version'>): Handler {
  return (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ success: true, status: 'alive', version });
  };
}

export const ready = endpoint(
  {
    summary: 'Check whether cameras can be served',
    replies: {
      200: answers('Cameras can be served.', readyReply),
      503: answers('Cameras cannot be served now; `parts` shows which part has the problem.', readyReply),
    },
  },
  readyHandler,
);

/**
 * Whether cameras can be served, by part. 503 while a needed part is away or refuses every camera; a refused account alone does
 * not matter. A part that is ready may still have a problem.
 */
function readyHandler(deps: ReadyDeps): Handler {
  return async (_request, response) => {
    const store = await storePart(deps);
    const engine = enginePart(deps);
    const refused = refusedCameras(deps);
    const streams = { ready: refused === null || !refused.areAll, problem: refused && deps.redact(refused.sentence) };
    const dark = darkCameras(deps);
    const cameras = { ready: true, problem: dark && deps.redact(dark) };
    const wrong = [leftOutSentence(deps.cameras.leftOut()), refusedWritesSentence(deps.cameras)];
    const told = wrong.filter((sentence) => sentence !== null).join(' ');
    const documents = part(told === '' ? null : deps.redact(told));
    const listed = feedsTrouble(deps.feeds?.states() ?? []);
    const lists = part(listed && deps.redact(listed));
    const kept = deps.snapshots && { snapshots: part(deps.snapshots.problem()) };
    const isReady = store.ready && engine.ready && streams.ready;
    response
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({
        success: isReady,
        ready: isReady,
        parts: {
          store: part(store.problem),
          engine,
          streams,
          accounts: accountsPart(deps),
          cameras,
          documents,
          lists,
          ...kept,
        },
        running: deps.jobs.status().running,
        ...(!isReady && { error: errorOf(store, engine, streams) }),
      });
  };
}

/** A store that takes no write stores no lease, so it is no more ready than one that does not answer. */
async function storePart({ cameras, outages, redact }: ReadyDeps): Promise<StorePart> {
  const problem = await cameras.ping().then(
    () => null,
    (error: unknown) => ({
      code: error instanceof AppError ? error.code : 'STORE_UNREACHABLE',
      message: messageOf(error),
    }),
  );
  if (problem !== null) return { ...part(redact(problem.message)), code: problem.code };
  const refusal = outages.storeAnswered()?.refusal ?? null;
  if (refusal === null) return { ...part(null), code: '' };
  const sentence = `The store answers but refuses writes, so no new lease can be stored: ${refusal.message} ${refusal.cure}`;
  return { ...part(redact(sentence)), code: refusal.code };
}

/** An engine that works, but not as it should, is ready and has a problem. */
function enginePart({ engine, jobs, redact }: ReadyDeps): Part {
  const { ready: isReady, problem, waitForRelay = 0 } = engine.status();
  const told = isReady ? jobs.engineState().problem : (problem ?? 'The media server is not ready.');
  return {
    ready: isReady,
    problem: told && redact(told),
    ...(waitForRelay > 0 && { note: waitingSentence(waitForRelay) }),
  };
}

function waitingSentence(count: number): string {
  const [cameras, each] = count === 1 ? ['One camera is', 'It'] : [`${count} cameras are`, 'Each'];
  return `${cameras} still pulled by the media server itself, because somebody watches. ${each} switches to the relay when nobody watches it, or with its next lease.`;
}

function accountsPart({ accounts, redact }: ReadyDeps): Part {
  const refused = accounts.list().flatMap(({ name, refused, away = null }) => {
    const why = refused ?? (away?.isLasting === true ? away : null);
    return why ? [`${name} (${why.code})`] : [];
  });
  return part(refused.length === 0 ? null : redact(`These accounts cannot be used now: ${refused.join(', ')}.`));
}

/** The first part that is not ready, in the form of all errors. */
function errorOf(store: StorePart, engine: Part, streams: Part): { code: string; message: string | null } {
  if (!store.ready) return { code: store.code, message: store.problem };
  if (!engine.ready) return { code: 'ENGINE_UNREACHABLE', message: engine.problem };
  return { code: 'ENGINE_REFUSED', message: streams.problem };
}

function part(problem: string | null): Part {
  return { ready: problem === null, problem };
}
