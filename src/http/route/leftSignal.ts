import type { Response } from 'express';
import { AppError } from '../../core/errors.js';

/** Aborts when the client disconnects before its answer, so that no work starts for a client that is gone. */
export function leftSignal(response: Response): AbortSignal {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort(new AppError('SHUTTING_DOWN', 'The client left.'));
  });
  return left.signal;
}
