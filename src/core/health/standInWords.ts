import { isAlwaysPulled, type Camera } from '../camera/camera.js';
import { SLATE_AFTER_MS } from '../camera/whenGone.js';
import type { RelayReason, StreamCarrier } from '../streams/relay.js';
import { BESIDE_RELAY, relaySentence } from './relayReasons.js';

/** What the engine sees of a camera whose picture does not come. */
export interface Unseen {
  readonly carrier?: StreamCarrier;
  readonly reason?: RelayReason | null;
  /** The relay shows something in its place; false: it turns away those who ask; absent: the engine does not say. */
  readonly standsIn?: boolean;
}

/** True at every second: the last picture is repeated at first, and no label can be made of a codec that nothing here encodes. */
const STAND_IN = `see the camera's last picture again, after ${SLATE_AFTER_MS / 1000} seconds with a label where one could be made.`;

/** Only a camera that the relay or a feeder carries has something to show while nothing comes. */
export function nothingComesSentence({ mode }: Pick<Camera, 'mode'>, seen: Unseen): string {
  const sentence = `The lease lives, but nothing comes from the cloud${shown(mode, seen)}`;
  if (isBesideRelay(seen.carrier, seen.reason)) return `${sentence} ${BESIDE_RELAY}`;
  return seen.reason ? `${sentence} ${relaySentence(seen.reason)}` : sentence;
}

function shown(mode: Camera['mode'], { carrier, standsIn }: Unseen): string {
  if (standsIn === true || (carrier === 'relay' && standsIn === undefined)) return `; viewers ${STAND_IN}`;
  // MediaMTX shows the slate of a camera that is pulled all the time at once.
  const hasSlate = isAlwaysPulled(mode) && standsIn === undefined;
  return hasSlate ? "; viewers see the camera's last picture, marked so." : ', so viewers see nothing.';
}

/** The relay keeps the readers of a camera whose lease has ended; empty: it has none, or nothing to show. */
export function expiredShown({ carrier, standsIn }: Unseen): string[] {
  return carrier === 'relay' && standsIn !== false ? [`Viewers ${STAND_IN}`] : [];
}

/** The relay could not read the cloud's server, so the media server pulls the camera itself. */
export function isBesideRelay(carrier: Unseen['carrier'], reason: Unseen['reason']): boolean {
  return carrier === undefined && reason === 'protocol';
}
