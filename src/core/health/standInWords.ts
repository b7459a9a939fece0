import { isAlwaysPulled, type Camera } from '../camera/camera.js';
import { isUrlCamera } from '../camera/cameraSource.js';
import { SLATE_AFTER_MS } from '../camera/whenGone.js';
import { giverOf } from '../streams/pullTarget.js';
import type { RelayReason, StreamCarrier } from '../streams/relay.js';
import { BESIDE_RELAY, relaySentence } from './relayReasons.js';

/** What the engine sees of a camera while its picture does not come. */
export interface Unseen {
  readonly carrier?: StreamCarrier;
  readonly reason?: RelayReason | null;
  /** True: a stand-in is shown; false: the relay turns readers away; absent: the engine does not say. */
  readonly standsIn?: boolean;
}

/**
 * Worded to hold at any time: the last picture is repeated first, and for a codec that nothing here encodes no label can
 * be made.
 */
const STAND_IN = `see the camera's last picture, after ${SLATE_AFTER_MS / 1000} seconds with a caption where camlease could make one.`;

/** What viewers see while nothing comes from the cloud. Only a camera that the relay or a feeder carries has a stand-in. */
export function nothingComesSentence(camera: Camera, seen: Unseen): string {
  const nothing = isUrlCamera(camera)
    ? "Nothing comes from the camera's address"
    : 'The lease is valid, but nothing comes from the cloud';
  const sentence = nothing + shown(camera.mode, seen);
  const beside = besideRelay(seen);
  if (beside !== '') return sentence + beside;
  return seen.reason ? `${sentence} ${relaySentence(seen.reason, giverOf(camera))}` : sentence;
}

function shown(mode: Camera['mode'], { carrier, standsIn }: Unseen): string {
  if (standsIn === true || (carrier === 'relay' && standsIn === undefined)) return `; viewers ${STAND_IN}`;
  // MediaMTX shows the slate of a camera that is pulled all the time at once.
  const hasSlate = isAlwaysPulled(mode) && standsIn === undefined;
  return hasSlate ? "; viewers see the camera's last picture with a caption." : ', so viewers see nothing.';
}

/** What viewers of an expired lease see, where the relay keeps its readers; empty: nothing is shown. */
export function expiredShown({ carrier, standsIn }: Unseen): string[] {
  return carrier === 'relay' && standsIn !== false ? [`Viewers ${STAND_IN}`] : [];
}

/**
 * Goes on after another sentence, blank included, where the media server pulls the camera by itself because the relay does not understand the
 * cloud's server; empty: it does not.
 */
export function besideRelay({ carrier, reason }: Unseen): string {
  return carrier === undefined && reason === 'protocol' ? ` ${BESIDE_RELAY}` : '';
}
