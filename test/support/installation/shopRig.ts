import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import type { z } from 'zod';
import { makeFleet, type NewAddressPlays } from '../../../simulator/index.js';
import type { CameraMode } from '../../../src/core/camera/camera.js';
import { passReply, renewReply } from '../../../src/http/shapes/passSchemas.js';
import { camerasReply, eventsReply, oneCameraReply } from '../../../src/http/shapes/replySchemas.js';
import { openViewer, type Viewer } from '../viewers/viewers.js';
import { startAppRig, until, type AppRig, type RigEngine } from './appRig.js';

export type CameraJson = z.output<typeof oneCameraReply>['camera'];

/** The embedded engine carries a seamless camera as an always-on one. */
const MODES: Readonly<Record<RigEngine, readonly CameraMode[]>> = {
  mediamtx: ['always-on', 'seamless', 'on-demand'],
  embedded: ['always-on', 'on-demand'],
};

const LIMIT_MS = 30_000;
const SOME_FRAMES = 15;

/** A simulated installation whose cameras are watched in Chromium. */
export interface Shop {
  readonly rig: AppRig;
  cameras(): Promise<readonly CameraJson[]>;
  readonly viewers: readonly Viewer[];
  newAddressesPlay(what: NewAddressPlays): void;
  cloudHangs(isHanging: boolean): void;
  close(): Promise<void>;
}

/** Opens an installation with a camera of each mode; resolves when a viewer of each camera has its picture. */
export async function openShop(
  browser: Browser,
  engine: RigEngine,
  modes: readonly CameraMode[] = MODES[engine],
): Promise<Shop> {
  const fleet = makeFleet({ cameras: modes.length, channelsPerDevice: 1, seed: engine, names: modes });
  // camlease tells the engine about changes at most once in a 14th of a lease's lifetime.
  const rig = await startAppRig({ fleet, engine, lifetimeSeconds: 420, page: true });
  const viewers: Viewer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(viewers.map((viewer) => viewer.leave().catch(() => undefined)));
    await rig.stop();
  };
  try {
    expect((await rig.post('/api/hikvision/initialize')).status).toBe(200);
    const { cameras } = camerasReply.parse((await rig.get('/api/camera')).json);
    for (const { id, name } of cameras) {
      // With another quality camlease would try the sub stream where the main one cannot be played.
      const body = { mode: name, quality: 'main' };
      expect((await rig.send('PUT', `/api/camera/${id}`, { body })).status).toBe(200);
    }
    await Promise.all(cameras.map(async (camera) => viewers.push(await openViewer(browser, rig.url, camera))));
    const isWell = ({ mode, lease, stream }: CameraJson): boolean =>
      lease?.proof === 'proven' &&
      stream?.flow === 'flowing' &&
      (engine === 'embedded' || mode !== 'seamless' || stream.carrier === 'relay');
    await Promise.all(
      cameras.map(({ id, name }) => until(`the ${name} camera`, 2 * LIMIT_MS, () => cameraOf(rig, id), isWell)),
    );
    for (const viewer of viewers) await viewer.watched(SOME_FRAMES, Date.now(), LIMIT_MS);
    return {
      rig,
      cameras: () => Promise.all(cameras.map(({ id }) => cameraOf(rig, id))),
      viewers,
      newAddressesPlay: (what) => fleet.cameras().forEach(({ stream }) => (stream.newAddressPlays = what)),
      cloudHangs: (isHanging) => fleet.cameras().forEach(({ ref }) => fleet.setCameraFault(ref, 'hang', isHanging)),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

export async function cameraOf(rig: AppRig, id: string): Promise<CameraJson> {
  return oneCameraReply.parse((await rig.get(`/api/camera/${id}`)).json).camera;
}

/** Newest first. */
export async function stepsOf(rig: AppRig, id: string): Promise<z.output<typeof eventsReply>['events']> {
  return eventsReply.parse((await rig.get(`/api/camera/${id}/events`)).json).events;
}

/** Limit of one renewal, which may wait for a minute without progress; long, since the machine may be busy. */
const LONGEST_PASS_MS = 150_000;

/** Renews all cameras, or these, by force. Follows the pass when it takes longer than the reply waits. */
export async function renewNow(rig: AppRig, cameraIds?: readonly string[]): Promise<z.output<typeof renewReply>> {
  const reply = await rig.post('/api/hikvision/renew', { force: true, ...(cameraIds && { cameraIds }) });
  if (reply.status !== 202) {
    expect(reply.status, reply.text).toBe(200);
    return renewReply.parse(reply.json);
  }
  const pass = async () => passReply.parse((await rig.get(String(reply.headers['location']))).json).pass;
  const ended = await until('the end of a renewal', LONGEST_PASS_MS, pass, ({ state }) => state !== 'running');
  return renewReply.parse(ended.report);
}
