import { PLAYERS, type PlayerKind } from '../players/player.js';
import type { Addresses } from '../players/openPlayers.js';
import { startInstallation, type BenchCamera, type CameraMove } from '../rig/installation.js';
import type { ListedSession } from '../rig/sessions.js';
import { withVariant, type Variant } from '../rig/variant.js';

export const KINDS = ['control', 'naive', 'direct', 'on-demand', 'handover', 'seamless'] as const;
export type Kind = (typeof KINDS)[number];

/** The naive path is a path of the operator, which camlease does not know. */
const NAIVE_PATH = 'naive';
const MODES: Partial<Record<Kind, string>> = { direct: 'direct', handover: 'always-on', seamless: 'seamless' };

export interface RigOptions {
  readonly keyFrameSeconds: number;
  readonly bFrames: number;
  readonly sound: 'aac' | 'none';
  /** null: the template's variant. */
  readonly variant: Variant | null;
}

/** An installation with one camera for each kind. */
export interface Rig {
  /** Kinds whose mode camlease refuses, with its reason. */
  readonly refused: ReadonlyMap<Kind, string>;
  addresses(kind: Kind): Addresses;
  /** Must be called before the players of this kind open; not part of the measured renewal. */
  prepare(kind: Kind): Promise<void>;
  /** Renews the camera of this kind; resolves when camlease (naive: MediaMTX) reports that it is done. */
  renew(kind: Kind): Promise<void>;
  /** The camera's move to another lease since then, once camlease reports it; null: camlease moves nothing for this kind. */
  moved(kind: Kind, since: Date): Promise<CameraMove | null>;
  /** MediaMTX's sessions that read the path of this kind. */
  sessions(kind: Kind): Promise<readonly ListedSession[]>;
  stop(): Promise<void>;
}

export async function startRig(options: RigOptions, kinds: readonly Kind[]): Promise<Rig> {
  const installation = await startInstallation({
    ...options,
    cameras: KINDS.length,
    ownPaths: [NAIVE_PATH],
    config: (text) => withVariant(text, options.variant),
  });
  const cameraOf = (kind: Kind): BenchCamera => {
    const camera = installation.cameras[KINDS.indexOf(kind)];
    if (!camera) throw new Error(`There is no camera for ${kind}.`);
    return camera;
  };
  const refused = new Map<Kind, string>();
  for (const kind of kinds) {
    const mode = MODES[kind];
    if (mode === undefined) continue;
    await installation.setMode(cameraOf(kind), mode).catch((error: unknown) => {
      refused.set(kind, error instanceof Error ? error.message : String(error));
    });
  }
  let nextNaive = '';
  return {
    refused,
    addresses: (kind) =>
      kind === 'naive' ? installation.ownAddresses(NAIVE_PATH) : installation.addresses(cameraOf(kind)),
    prepare: async (kind) => {
      if (kind !== 'naive') return;
      // When camlease rewrites the file, MediaMTX forgets what was patched.
      await installation.setOwnSource(NAIVE_PATH, await installation.freshSource(cameraOf(kind)));
      nextNaive = await installation.freshSource(cameraOf(kind));
    },
    renew: async (kind) => {
      if (kind === 'control') return;
      if (kind === 'naive') await installation.setOwnSource(NAIVE_PATH, nextNaive);
      else await installation.renew(cameraOf(kind));
    },
    moved: (kind, since) =>
      kind === 'control' || kind === 'naive' ? Promise.resolve(null) : installation.moved(cameraOf(kind), since),
    sessions: (kind) => installation.sessions(kind === 'naive' ? NAIVE_PATH : cameraOf(kind).id),
    stop: () => installation.stop(),
  };
}

/**
 * The players for a kind of renewal. Handover and seamless are watched with MediaMTX's own pages, since camlease's page would reconnect by
 * itself; the naive path has no page of camlease.
 */
export function playersFor(kind: Kind, wanted: readonly PlayerKind[], bFrames: number): readonly PlayerKind[] {
  return wanted.filter((player) => {
    // MediaMTX ends a WebRTC reader of a stream with B-frames.
    if (bFrames > 0 && PLAYERS[player].transport === 'webrtc') return false;
    if (kind === 'handover' || kind === 'seamless') return player.startsWith('mediamtx-');
    return kind !== 'naive' || !player.startsWith('page-');
  });
}
