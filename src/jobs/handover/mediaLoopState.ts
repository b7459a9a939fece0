import type { CameraId } from '../../core/camera/camera.js';
import type { DesiredStreams } from '../../core/streams/streams.js';

/** What the media loop knows of the streams that the engine serves. */
export type Served =
  /** Nothing: before the first call, after a reset of the engine or a failed call, and while another replica tells the engine. */
  | { readonly kind: 'unknown' }
  /** A call to the engine runs. `before`: the streams that it accepted last; null: not known. */
  | { readonly kind: 'being-told'; readonly before: DesiredStreams | null }
  /** The engine accepted these streams at `at`. */
  | { readonly kind: 'accepted'; readonly streams: DesiredStreams };

/** What the media loop knows. Pure data: `afterEvent` makes the next one. */
export interface MediaLoopState {
  readonly served: Served;
  /**
   * `behind`: another replica may have written leases that this process has not read yet: after a start on a shared store,
   * and after a time as standby.
   */
  readonly store: 'behind' | 'caught-up';
  /** When the engine last accepted streams; null: not yet. */
  readonly lastAppliedAt: Date | null;
}

export type MediaLoopEvent =
  /** A call to the engine begins. */
  | { readonly kind: 'telling' }
  | { readonly kind: 'accepted'; readonly streams: DesiredStreams; readonly at: Date }
  /** The call failed, so it is unknown what the engine serves. */
  | { readonly kind: 'failed' }
  /** The engine lost its streams. */
  | { readonly kind: 'reset' }
  /** Another replica owns the media server. */
  | { readonly kind: 'standing-by' }
  /** Everything that the previous owner wrote is read. */
  | { readonly kind: 'caught-up' };

export function stateAtStart(isShared: boolean): MediaLoopState {
  return { served: { kind: 'unknown' }, store: isShared ? 'behind' : 'caught-up', lastAppliedAt: null };
}

/** The only transition function of `MediaLoopState`. */
export function afterEvent(state: MediaLoopState, event: MediaLoopEvent): MediaLoopState {
  switch (event.kind) {
    case 'telling':
      return { ...state, served: { kind: 'being-told', before: streamsIn(state) } };
    case 'accepted': {
      // A reset during the call: the engine may have lost these streams, too.
      const isLost = state.served.kind === 'unknown';
      const served: Served = isLost ? state.served : { kind: 'accepted', streams: event.streams };
      return { ...state, served, lastAppliedAt: event.at };
    }
    case 'failed':
    case 'reset':
      return { ...state, served: { kind: 'unknown' } };
    case 'standing-by':
      return { ...state, served: { kind: 'unknown' }, store: 'behind' };
    case 'caught-up':
      return { ...state, store: 'caught-up' };
  }
}

/** The streams that the engine last accepted; null: not known. */
export function streamsIn({ served }: MediaLoopState): DesiredStreams | null {
  switch (served.kind) {
    case 'unknown':
      return null;
    case 'being-told':
      return served.before;
    case 'accepted':
      return served.streams;
  }
}

/** The revision that the engine serves of a camera; null: none; undefined: unknown now. */
export function revisionIn(state: MediaLoopState, id: CameraId): number | null | undefined {
  const streams = streamsIn(state);
  return streams === null ? undefined : (streams.get(id)?.inForce?.revision ?? null);
}
