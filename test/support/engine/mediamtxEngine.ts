import { randomBytes } from 'node:crypto';
import axios from 'axios';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import { createMediaMtxEngine, type MediaMtxEngineOptions } from '../../../src/engine/mediamtx/mediaMtxEngine.js';
import { Users } from '../../../src/engine/mediamtx/users/users.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { MediaEngine } from '../../../src/engine/mediaEngine.js';
import { systemClock } from '../../../src/systemClock.js';
import { mediaMtxTemplate, type TestMediaMtx } from './mediamtx.js';
import { vendorsWith } from '../clouds/vendors.js';

export const silentLog = { info: () => undefined, warn: () => undefined };

/** An engine for this MediaMTX, which the test starts itself. */
export async function engineFor(
  mediaMtx: TestMediaMtx,
  more: Partial<MediaMtxEngineOptions> = {},
): Promise<MediaEngine> {
  return createMediaMtxEngine({
    http: axios.create(),
    users: more.users ?? (await usersFor(mediaMtx)),
    apiUrl: mediaMtx.apiUrl,
    configPath: mediaMtx.configPath,
    template: await mediaMtxTemplate(),
    dataDir: mediaMtx.folder,
    hlsBaseUrl: mediaMtx.hlsUrl,
    webrtcBaseUrl: mediaMtx.webrtcUrl,
    clock: systemClock,
    vendors: vendorsWith(),
    log: silentLog,
    prover: null,
    makeSlate: null,
    supervise: null,
    ...more,
  });
}

/** A log without the warnings about the API line that the tests add to the file. */
export function withoutOpenings(warn: MediaMtxEngineOptions['log']['warn']): MediaMtxEngineOptions['log']['warn'] {
  return (message, fields) => {
    if (!message.startsWith('MediaMTX lets everybody')) warn(message, fields);
  };
}

/** camlease's users in this MediaMTX. */
export function usersFor({ folder }: Pick<TestMediaMtx, 'folder'>): Promise<Users> {
  const newSecret = (): string => randomBytes(24).toString('base64url');
  return Users.open({ folder, newSecret, keepSecret: () => undefined });
}

/** A target that lives for an hour; nothing listens at its URL unless the test gives one. */
export function aTarget(more: Partial<PullTarget> = {}): PullTarget {
  const revision = more.revision ?? 1;
  return {
    givenBy: 'cloud',
    revision,
    url: `rtmp://127.0.0.1:9/v3/openlive/SIM${revision}_1_1?expire=4102444800&id=${revision}`,
    endsAt: new Date(Date.now() + 3_600_000),
    tracks: null,
    ...more,
  };
}

/** `leases` by camera; null: none in force. */
export function streamsOf(leases: Readonly<Record<string, PullTarget | null>>): DesiredStreams {
  return new Map(Object.entries(leases).map(([id, inForce]) => [id, { mode: 'on-demand', inForce, candidate: null }]));
}
