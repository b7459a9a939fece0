import { AppError } from '../../core/errors.js';
import type { HttpDeps } from '../route/deps.js';
import { idOf } from '../route/ids.js';
import type { Handler } from '../route/route.js';

/** What a pass has done so far; `report` is the body that a 200 would have had. */
export function getPass({ jobs }: Pick<HttpDeps, 'jobs'>): Handler {
  return async (request, response) => {
    const pass = await jobs.pass(idOf(request));
    if (!pass) {
      throw new AppError('PASS_NOT_FOUND', 'There is no pass with this id.', {
        cure: 'Old passes are forgotten; start a new one.',
      });
    }
    response.json({ success: true, pass });
  };
}
