import { type Camera, type CameraId, type CameraMode, isAlwaysPulled } from '../../core/camera/camera.js';
import type { SwapHow } from '../../core/handover/handover.js';
import { lifeMs } from '../../core/renewal/renewal.js';
import { derivedKinds } from '../../core/streams/derivedKinds.js';
import { isForRelay, type DesiredStream, type DesiredStreams } from '../../core/streams/streams.js';

/** What viewers notice of a move; completes the sentence "The media server serves lease 2;". */
export const HOW: Readonly<Record<SwapHow, string>> = {
  swap: 'viewers had to reconnect',
  rebuild: 'the stream has other tracks now, so viewers had to reconnect',
  relay: 'the relay switched at a key frame, so no viewer noticed',
  forward: 'nobody was dropped',
};

export function sameStreams(a: DesiredStreams, b: DesiredStreams): boolean {
  if (a.size !== b.size) return false;
  for (const [id, stream] of b) if (!sameStream(a.get(id), stream)) return false;
  return true;
}

function sameStream(a: DesiredStream | undefined, b: DesiredStream): boolean {
  return (
    a?.mode === b.mode &&
    a.inForce?.revision === b.inForce?.revision &&
    a.candidate?.revision === b.candidate?.revision &&
    sameRelaying(a.relaying, b.relaying) &&
    needsDerived(a) === needsDerived(b)
  );
}

/** True: the relay makes other streams of this one, for which the media server has lines of their own once the tracks are known. */
function needsDerived(stream: DesiredStream): boolean {
  return isForRelay(stream) && derivedKinds(stream).length > 0;
}

function sameRelaying(a: DesiredStream['relaying'], b: DesiredStream['relaying']): boolean {
  if (a?.sound !== b?.sound) return false;
  return a?.whenGone === b?.whenGone && a?.cap?.group === b?.cap?.group && a?.cap?.most === b?.cap?.most;
}

/**
 * Cameras whose change does not wait for the gap: a step of a handover of a camera that is pulled all the time (two cloud
 * streams are open meanwhile), a change of its mode (the operator has just asked for it), and a change that needs no write
 * to the media server (`movesFreely`).
 */
export function urgentChanges(
  applied: DesiredStreams,
  desired: DesiredStreams,
  movesFreely: (camera: { readonly id: CameraId; readonly mode: CameraMode }) => boolean = () => false,
): CameraId[] {
  return [...desired].flatMap(([id, stream]) => {
    const before = applied.get(id);
    if (!before || sameStream(before, stream)) return [];
    const { mode } = stream;
    return isAlwaysPulled(mode) || before.mode !== mode || movesFreely({ id, mode }) ? [id] : [];
  });
}

/** True when a camera moves from one lease to another. */
export function hasMoves(applied: DesiredStreams, desired: DesiredStreams): boolean {
  for (const [id, { inForce }] of desired) {
    const before = applied.get(id)?.inForce?.revision;
    if (before !== undefined && inForce !== null && inForce.revision !== before) return true;
  }
  return false;
}

/** The applied streams, with the desired ones of the urgent cameras in place; null: no urgent camera is desired. */
export function withUrgent(
  applied: DesiredStreams,
  desired: DesiredStreams,
  urgent: readonly CameraId[],
): DesiredStreams | null {
  const wanted = urgent.flatMap((id) => {
    const stream = desired.get(id);
    return stream ? [[id, stream] as const] : [];
  });
  return wanted.length === 0 ? null : new Map([...applied, ...wanted]);
}

/** The shortest life (ms) of the cameras' leases; infinity: none has a lease. */
export function shortestLifeMs(cameras: readonly Camera[]): number {
  return cameras.reduce(
    (shortest, { lease }) => (lease === null ? shortest : Math.min(shortest, lifeMs(lease))),
    Number.POSITIVE_INFINITY,
  );
}
