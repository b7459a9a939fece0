import type { Fields } from './fields.js';
import type { StreamProtocol } from './liveUrls.js';

/** Reads a protocol's number. Both clouds use the same numbers, with EZOPEN as the default; EZVIZ has a fifth, low-latency HLS. */
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
