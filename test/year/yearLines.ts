import { type CameraId, goesByRelay, isAlwaysPulled } from '../../src/core/camera.js';
import type { Lease } from '../../src/core/lease.js';
import type { RelayCamera, RelayCameras } from '../../src/core/relay.js';
import type { DesiredStream, DesiredStreams } from '../../src/engine/mediaEngine.js';

/** How the media server gets a camera's picture: it reads the relay, the same line for every lease, or pulls this lease itself. */
export type Line = typeof RELAYED | { readonly by: 'itself'; readonly lease: Lease | null };

export const RELAYED = { by: 'relay' } as const;

export interface LineFacts {
  readonly before: Line | undefined;
  readonly isWatched: boolean;
  /** `none`: there is no relay, or it is known to be away. `refuses`: it did not take what it was told. */
  readonly relay: 'well' | 'refuses' | 'none';
}

/** null: there is no line. A watched camera stays on the line that pulls its lease, and goes to the relay with its next lease. */
export function lineFor({ mode, inForce }: DesiredStream, { before, isWatched, relay }: LineFacts): Line | null {
  if (!goesByRelay(mode) || relay === 'none')
    return isAlwaysPulled(mode) || inForce ? { by: 'itself', lease: inForce } : null;
  if (inForce === null || before?.by === 'relay') return RELAYED;
  const stays = before?.by === 'itself' && isWatched && before.lease?.revision === inForce.revision;
  return stays || relay === 'refuses' ? { by: 'itself', lease: inForce } : RELAYED;
}

export function isSameLine(a: Line | undefined, b: Line): boolean {
  if (a === undefined || a.by === 'relay' || b.by === 'relay') return a?.by === b.by;
  return a.lease?.revision === b.lease?.revision;
}

/** What the relay is told of these streams. It keeps a camera whose mode is another now until the media server's line is written. */
export function relayedOf(streams: DesiredStreams, isRelayed: (id: CameraId) => boolean): RelayCameras {
  const cameras = new Map<CameraId, RelayCamera>();
  for (const [id, { mode, inForce, candidate }] of streams) {
    if (!goesByRelay(mode) && !isRelayed(id)) continue;
    const target = inForce && targetOf(inForce);
    cameras.set(id, { target, candidate: candidate && targetOf(candidate), whenGone: 'slate', cap: null });
  }
  return cameras;
}

function targetOf({ url, revision, expiresAt, tracks }: Lease): NonNullable<RelayCamera['target']> {
  return { url, revision, endsAt: expiresAt, tracks };
}
