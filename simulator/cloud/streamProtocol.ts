import type { Fields } from './fields.js';
import type { StreamProtocol } from './liveUrls.js';

/** Both clouds number them alike and take EZOPEN when nothing is said; EZVIZ knows a fifth, low-latency HLS. */
export function readProtocol(fields: Fields, highest: 4 | 5): StreamProtocol {
  switch (fields.integerWithin('protocol', 1, highest, 1)) {
    case 3:
      return 3;
    case 2:
    case 5:
      return 2;
    case 4:
      return 4;
    default:
      return 1;
  }
}
