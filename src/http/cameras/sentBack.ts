import { isDeepStrictEqual } from 'node:util';
import { changeCameraBody } from '../shapes/schemas.js';

/** Fields of a camera's JSON that change by themselves, so that a form sends back an old value of them. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  ...['lease', 'candidate', 'health', 'renewal', 'stream', 'said', 'failure', 'notice', 'links'],
  ...['createdAt', 'updatedAt', 'aqiData', '__v'],
]);

/**
 * A body without what a form read in a camera and sends back unchanged: that means 'leave it'. So a form that puts everything
 * back may hold fields that no request can change, and masked ones.
 */
export function withoutSentBack(body: unknown, shown: Readonly<Record<string, unknown>>): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const isWhole = '_id' in body || 'id' in body;
  const kept = Object.entries(body).filter(([key, value]) => {
    if (isWhole && (OF_THE_MOMENT.has(key) || (key === 'image' && typeof value === 'string'))) return false;
    // `hikvisionEnabled: true` alone is a wish, also where the camera shows it already.
    const isWish = !isWhole && value !== '' && value !== null && Object.hasOwn(changeCameraBody.shape, key);
    return isWish || shown[key] === undefined || !isDeepStrictEqual(value, JSON.parse(JSON.stringify(shown[key])));
  });
  return Object.fromEntries(kept);
}
