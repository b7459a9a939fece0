import type { Camera } from '../camera/camera.js';
import { isUrlCamera } from '../camera/cameraSource.js';
import { NOTHING_COMES, type CameraTrouble } from '../health/cameraTroubles.js';
import { relayWords } from '../health/relayReasons.js';
import { giverOf } from '../streams/pullTarget.js';
import type { RelayReason } from '../streams/relay.js';
import { nothingComes } from './cameraLook.js';
import type { Outage } from './outage.js';

const CURE =
  'It is tried again by itself while somebody watches, and another lease is asked for, at most once an hour.';
const CURE_OF_ADDRESS = 'It is tried again by itself while somebody watches.';

/**
 * Why a camera shows no picture though there is a URL to pull and a player may be sent to it; shown beside its links, because the
 * picture may come at any moment. null: nothing is known to be wrong. `reason`: the relay's reason now; null: none.
 */
export function pictureTrouble(
  camera: Camera,
  outage: Outage | null,
  reason: RelayReason | null,
): CameraTrouble | null {
  if (outage === null || outage.endedAt !== null || outage.reason !== NOTHING_COMES.code) return null;
  const usual = isUrlCamera(camera) ? CURE_OF_ADDRESS : CURE;
  if (reason === null) return { code: outage.reason, message: outage.message, cure: usual };
  const { message, cure } = relayWords(reason, giverOf(camera));
  return { code: outage.reason, message: nothingComes(message, camera).message, cure: cure ?? usual };
}
