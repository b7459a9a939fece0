import type { HttpDeps } from './deps.js';
import type { Handler } from './route.js';
import { messageOf } from '../core/errors.js';

interface Part {
  readonly ready: boolean;
  readonly problem: string | null;
}

/** The process answers; nothing else is asked. */
export function health({ version }: Pick<HttpDeps, 'version'>): Handler {
  return (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ success: true, status: 'alive', version });
  };
}

/** Whether cameras can be served, by part. 503 as long as a needed part is away; a refused account alone is not one. */
export function ready(deps: Pick<HttpDeps, 'cameras' | 'engine' | 'accounts' | 'jobs' | 'redact'>): Handler {
  return async (_request, response) => {
    const store = await deps.cameras.ping().then(
      () => part(null),
      (error: unknown) => part(deps.redact(messageOf(error))),
    );
    const status = deps.engine.status();
    const engine = part(status.ready ? null : deps.redact(status.problem ?? 'The engine is not ready.'));
    const refused = deps.accounts.list().filter((account) => account.refused !== null);
    const accounts = part(
      refused.length === 0
        ? null
        : `These accounts cannot be used now: ${refused.map((account) => account.name).join(', ')}.`,
    );
    const isReady = store.ready && engine.ready;
    response
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({
        success: isReady,
        ready: isReady,
        parts: { store, engine, accounts },
        running: deps.jobs.status().running,
        ...(!isReady && { error: errorOf(store, engine) }),
      });
  };
}

/** The first part that is away, in the form all errors have. */
function errorOf(store: Part, engine: Part): { code: string; message: string | null } {
  return store.ready
    ? { code: 'ENGINE_UNREACHABLE', message: engine.problem }
    : { code: 'STORE_UNREACHABLE', message: store.problem };
}

function part(problem: string | null): Part {
  return { ready: problem === null, problem };
}
