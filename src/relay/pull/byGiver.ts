import type { GivenBy } from '../../core/streams/pullTarget.js';
import type { Puller } from './puller.js';

/** Pulls each target by the puller for those who gave its URL: only that of persons checks where the URL leads. */
export function pullerByGiver(pullers: Readonly<Record<GivenBy, Puller>>): Puller {
  return (target, handlers) => pullers[target.givenBy](target, handlers);
}
