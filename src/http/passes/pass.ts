import { AppError } from '../../core/errors.js';
import type { HttpDeps } from '../route/deps.js';
import { idOf } from '../route/ids.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers, refuses } from '../route/contract.js';
import { passParams } from '../shapes/schemas.js';
import { passReply } from '../shapes/passSchemas.js';

export const getPass = endpoint(
  {
    summary: 'What a pass has done so far',
    params: passParams,
    replies: { 200: answers('The pass.', passReply), 404: refuses('There is no pass with this id.') },
  },
  getPassHandler,
);

/** What a pass has done so far; `report` is the body that a 200 would have had. */
function getPassHandler({ jobs }: Pick<HttpDeps, 'jobs'>): Handler {
  return async (request, response) => {
    const pass = await jobs.pass(idOf(request));
    if (!pass) {
      throw new AppError('PASS_NOT_FOUND', 'There is no pass with this id.', {
        cure: 'camlease forgets old passes; start a new one.',
      });
    }
    response.json({ success: true, pass });
  };
}
