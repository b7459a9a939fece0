import type { EngineMarker } from '../../engine/mediaEngine.js';
import { keyOf, type OwnedThing, type OwnerRecord } from './ownershipRecords.js';

/**
 * Other replicas may take over once our counter has stood still for 15 s. So a process that was stopped, or hung, for this
 * long reads the records again before it acts as owner.
 */
const TRUSTED_FOR_MS = 10_000;
/**
 * After so long without a read (the store was away, or the machine slept) this process cannot tell a dead owner from one
 * whose beats it missed. It takes nothing over until the others have had time to beat again.
 */
const BLIND_AFTER_MS = 8_000;
const SEES_AGAIN_AFTER_MS = 15_000;
/**
 * A media server that an installation with another database took from us is taken back at most this often: each change of
 * owner rewrites MediaMTX's paths.
 */
const FIGHT_EVERY_MS = 60_000;

/** A moment on both clocks (ms): the monotonic clock stands still while the machine sleeps. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface Held {
  readonly thing: OwnedThing;
  readonly record: OwnerRecord;
}

/** When the records were read. */
export type RecordsRead =
  | { readonly kind: 'never' }
  /** What was read may be as old as the start of the read, `at`. It counts for 10 s. */
  | { readonly kind: 'read'; readonly at: Moment }
  /** The latest read did not reach the store. No replica can take over, so the last known owner goes on. `at`: the last good read. */
  | { readonly kind: 'store-away'; readonly at: Moment | null };

/** Whether an installation with another database took our media server. */
export type Fight =
  | { readonly kind: 'none' }
  /** We took it back. `isReported`: the log has told the operator. */
  | { readonly kind: 'taken-back'; readonly atMs: number; readonly isReported: boolean };

/** What a replica knows of the ownership. Pure data: `afterEvent` makes the next one. */
export interface OwnershipState {
  readonly read: RecordsRead;
  /** What this process owns, as it last wrote or read the records, by `keyOf`. */
  readonly held: ReadonlyMap<string, Held>;
  /** Living processes on the same database. */
  readonly others: ReadonlySet<string>;
  /** The marker in the media server; null: not read yet, or there is no media server. */
  readonly marker: EngineMarker | null;
  /** Until then (monotonic) nothing is taken from another owner. */
  readonly blindUntilMs: number;
  readonly fight: Fight;
}

export type OwnershipEvent =
  /** The media server answered; `marker` is null when it did not, and then its last marker counts. */
  | { readonly kind: 'marker-read'; readonly marker: EngineMarker | null }
  /** Beats and records were read, before anything is taken. */
  | { readonly kind: 'records-read'; readonly nowMs: number }
  | {
      readonly kind: 'claimed';
      readonly at: Moment;
      readonly held: ReadonlyMap<string, Held>;
      readonly others: ReadonlySet<string>;
    }
  | { readonly kind: 'store-unreachable' }
  /** The media server was taken back from another installation. `isReported`: the log tells it. */
  | { readonly kind: 'taken-back'; readonly nowMs: number; readonly isReported: boolean }
  /** This process stops, and gives everything back. */
  | { readonly kind: 'given-up' };

export const NOTHING_OWNED: OwnershipState = {
  read: { kind: 'never' },
  held: new Map(),
  others: new Set(),
  marker: null,
  blindUntilMs: Number.NEGATIVE_INFINITY,
  fight: { kind: 'none' },
};

/** The only transition function of `OwnershipState`. */
export function afterEvent(state: OwnershipState, event: OwnershipEvent): OwnershipState {
  switch (event.kind) {
    case 'marker-read':
      return { ...state, marker: event.marker ?? state.marker };
    case 'records-read': {
      const lastMs = lastReadAt(state)?.monotonicMs ?? Number.NEGATIVE_INFINITY;
      const isBlind = event.nowMs - lastMs > BLIND_AFTER_MS;
      return isBlind ? { ...state, blindUntilMs: event.nowMs + SEES_AGAIN_AFTER_MS } : state;
    }
    case 'claimed':
      return { ...state, read: { kind: 'read', at: event.at }, held: event.held, others: event.others };
    case 'store-unreachable':
      return { ...state, read: { kind: 'store-away', at: lastReadAt(state) } };
    case 'taken-back': {
      const wasReported = state.fight.kind === 'taken-back' && state.fight.isReported;
      return {
        ...state,
        fight: { kind: 'taken-back', atMs: event.nowMs, isReported: wasReported || event.isReported },
      };
    }
    case 'given-up':
      return { ...state, held: new Map() };
  }
}

/** The fence under which this process owns its media server, as far as it knows; 0: it does not own it. */
export function engineFence({ marker, held }: OwnershipState): number {
  return marker === null ? 0 : (held.get(keyOf({ kind: 'engine-owner', name: marker.name }))?.record.fence ?? 0);
}

/** True: this process may act as owner of what it holds. */
export function isTrusted(state: OwnershipState, now: Moment): boolean {
  if (wasReplaced(state)) return false;
  switch (state.read.kind) {
    case 'never':
      return false;
    case 'store-away':
      return true;
    case 'read': {
      const { monotonicMs, wallMs } = state.read.at;
      return now.monotonicMs - monotonicMs < TRUSTED_FOR_MS && now.wallMs - wallMs < TRUSTED_FOR_MS;
    }
  }
}

/** The fence in the media server's own marker; 0: there is none. */
export function fenceSeenOf({ marker }: OwnershipState, { kind, name }: OwnedThing): number {
  return kind === 'engine-owner' && marker?.name === name ? marker.fence : 0;
}

/** What to do about one thing: `leave`: another replica owns it, or may still live. */
export type OwnershipChoice = 'keep' | 'take' | 'take-back' | 'leave';

export interface OwnershipQuestion {
  readonly thing: OwnedThing;
  /** The record as it was just read. */
  readonly record: OwnerRecord;
  /** This process's name. */
  readonly owner: string;
  /** Names of the other processes that beat. */
  readonly living: ReadonlySet<string>;
  readonly nowMs: number;
}

export function chooseOwnership(
  state: OwnershipState,
  { thing, record, owner, living, nowMs }: OwnershipQuestion,
): OwnershipChoice {
  if (record.owner === owner && record.fence < fenceSeenOf(state, thing)) {
    const { fight } = state;
    return fight.kind === 'taken-back' && nowMs - fight.atMs < FIGHT_EVERY_MS ? 'leave' : 'take-back';
  }
  if (isHeld(state, thing, record, owner)) return 'keep';
  if (record.owner === null || record.owner === owner) return 'take';
  return !living.has(record.owner) && nowMs >= state.blindUntilMs ? 'take' : 'leave';
}

/**
 * False for a record with our name under a fence that we do not know: our previous run wrote it. It is taken again,
 * under a new fence.
 */
export function isHeld({ held }: OwnershipState, thing: OwnedThing, record: OwnerRecord, owner: string): boolean {
  return record.owner === owner && held.get(keyOf(thing))?.record.fence === record.fence;
}

/**
 * Another replica wrote its marker to our media server under a later fence: that replica reaches the store, and has
 * taken over.
 */
function wasReplaced(state: OwnershipState): boolean {
  const ours = engineFence(state);
  return ours > 0 && ours < (state.marker?.fence ?? 0);
}

function lastReadAt({ read }: OwnershipState): Moment | null {
  return read.kind === 'never' ? null : read.at;
}
