import type { Response } from 'express';
import { AppError } from '../../core/errors.js';

/** Aborts when the client leaves before it has its answer, so that nothing is started for nobody. */
export function leftSignal(response: Response): AbortSignal {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort(new AppError('SHUTTING_DOWN', 'The client left.'));
  });
  return left.signal;
}
