import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CameraError } from '../../src/core/errors.js';
import { errorClipError, h265Error } from '../../src/core/handover/proof.js';
import { relayWords } from '../../src/core/health/relayReasons.js';
import { ENGINE_REFUSALS } from '../../src/core/refusals.js';
import { RELAY_REASONS } from '../../src/core/streams/relay.js';
import { initializeReply } from '../../src/http/shapes/passSchemas.js';
import {
  camerasReply,
  liveReply,
  notLiveReply,
  oneCameraReply,
  readyReply,
} from '../../src/http/shapes/replySchemas.js';
import { SQLITE_FILE } from '../../src/store/opening/createStore.js';
import { MINUTE, SECOND } from '../support/builders.js';
import { aListedCamera, FakeCloud, refused } from '../support/clouds/fakeCloud.js';
import { noPicture } from '../support/engine/fakeEngine.js';
import { serve, type TestClient } from '../support/http/httpClient.js';
import { fakeHouse } from '../support/http/httpDeps.js';
import { jobsRig, type JobsRig, type RigOptions } from '../support/jobsRig.js';

/** Every way in which an engine, a cloud or a store says no: what a person finds of it on the camera, in /ready and in the log. */

const GATE = 'Camera 1';
const REF = 'SN0000001_1';
const RUNS_MS = 40 * SECOND;

interface Installation {
  readonly rig: JobsRig;
  readonly cloud: FakeCloud;
  readonly client: TestClient;
}

async function installation(more: Partial<RigOptions> = {}): Promise<Installation> {
  const listed = [aListedCamera(1), aListedCamera(2)];
  const rig = await jobsRig({
    ...more,
    ticks: { renew: 10 * SECOND, discover: MINUTE },
    clouds: more.clouds ?? ((clock) => [new FakeCloud(clock, 'hikvision', listed)]),
  });
  const { store, jobs, engine, clock } = rig;
  const { outages: fakeOutages } = fakeHouse({});
  const seen = jobs.outages;
  const outages = {
    ...fakeOutages,
    lastSeen: seen.lastSeen.bind(seen),
    isSilent: seen.isSilent.bind(seen),
    openOf: seen.openOf.bind(seen),
  };
  const house = fakeHouse({ cameras: store, jobs, engine, ...(more.watchesOutages && { outages }) });
  const accounts = { ...house.accounts, list: () => jobs.status().accounts };
  const client = await serve({ ...house, accounts, clock });
  return { rig, cloud: rig.clouds[0] as FakeCloud, client };
}

interface Refusal {
  readonly name: string;
  /** Makes it be refused, before the camera is found. */
  readonly refuse: (house: Installation) => void;
  /** Where it is said: in the camera's health, and in /ready. */
  readonly code: RegExp;
  /** In the log; absent: its message is the code's. */
  readonly logged: RegExp;
}

const by = (code: string, failureClass: CameraError['failureClass'], accountWide = false): CameraError =>
  new CameraError(code, failureClass, `The cloud said ${code}.`, { cure: 'Mend it.', accountWide });

const CLOUD: readonly CameraError[] = [
  refused.encrypted,
  refused.deleted,
  refused.offline,
  refused.timeout,
  by('9048', 'quota'),
  by('CLOUD_UNREACHABLE', 'retry'),
  by('CLOUD_REPLY_UNREADABLE', 'retry'),
  by('10002', 'reauth'),
];

const REFUSALS: readonly Refusal[] = [
  ...ENGINE_REFUSALS.map((code) => ({
    name: `the engine: ${code}`,
    refuse: ({ rig }: Installation) => {
      const apply = rig.engine.apply.bind(rig.engine);
      rig.engine.apply = async (streams, signal) => {
        const [cameraId] = [...rig.store.peekAll()].filter(({ name }) => name === GATE).map(({ id }) => id);
        const report = await apply(streams, signal);
        if (cameraId === undefined || !streams.has(cameraId)) return report;
        return { ...report, refused: [{ cameraId, code, message: `It refuses by ${code}.`, cure: 'Mend the file.' }] };
      };
    },
    code: new RegExp(code),
    logged: new RegExp(`It refuses by ${code}`),
  })),
  ...CLOUD.map((error) => ({
    name: `the cloud, for a camera: ${error.code} (${error.failureClass})`,
    refuse: ({ cloud }: Installation) => void cloud.refusals.set(REF, error),
    code: new RegExp(error.code),
    logged: new RegExp(error.message),
  })),
  ...[h265Error(), errorClipError(), noPicture()].map((error) => ({
    name: `a picture that is none: ${error.code}`,
    refuse: ({ rig }: Installation) => {
      const prove = rig.engine.prove.bind(rig.engine);
      rig.engine.prove = async (id, lease, signal) => {
        if (rig.store.peek(id)?.name === GATE) throw error;
        return prove(id, lease, signal);
      };
    },
    code: new RegExp(error.code),
    logged: new RegExp(error.message),
  })),
];

describe('nothing is called well that no viewer can watch', () => {
  it.each(RELAY_REASONS)('the relay, to somebody who watches: %s', async (reason) => {
    const { rig, client } = await installation({ watchesOutages: true });
    rig.engine.relay = true;
    const states = rig.engine.states.bind(rig.engine);
    let bytes = 0;
    rig.engine.states = async () =>
      new Map([...(await states())].map(([of, state]) => [of, { ...state, bytesReceived: (bytes += 100) }]));
    await rig.end(rig.jobs.initialize());
    await rig.clock.advance(RUNS_MS);
    const { id } = rig.camera(GATE);
    rig.engine.viewersOf.set(id, 1);
    rig.engine.reasons.set(id, reason);
    await rig.clock.advance(20 * SECOND);
    const { message, cure } = relayWords(reason, 'cloud');
    const code = reason === 'over-cap' ? 'STREAM_CAP_REACHED' : 'NOTHING_COMES';
    const { camera } = oneCameraReply.parse((await client.send('GET', `/api/camera/${id}`)).json);
    expect(camera.health).toMatchObject({ state: 'dark', reason: code });
    const said = `${camera.health.sentence} ${camera.health.nextStep}`;
    expect(said).toContain(message);
    expect(said).toContain(cure ?? message);
    const { cameras } = camerasReply.parse((await client.send('GET', '/api/camera')).json);
    expect(cameras.find((one) => one.id === id)?.health).toEqual(camera.health);
    // A player may be sent there, but for one that is not pulled at all.
    const live = await client.send('GET', `/api/camera/${id}/live`);
    const trouble =
      reason === 'over-cap' ? notLiveReply.parse(live.json).error : (liveReply.parse(live.json).trouble ?? null);
    expect([live.status, trouble?.message.includes(message)]).toEqual([reason === 'over-cap' ? 409 : 200, true]);
    expect(trouble?.cure).toContain(cure ?? 'by itself');
    const { parts } = readyReply.parse((await client.send('GET', '/ready')).json);
    expect(parts['cameras']?.problem).toContain(`${GATE} (${code})`);
    if (reason !== 'over-cap') expect(parts['cameras']?.problem).toContain(message);
    const lines = rig.warnings.filter((line) => line.includes(`No picture comes from ${GATE}.`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
    // And it is over when pictures come.
    rig.engine.reasons.delete(id);
    await rig.clock.advance(20 * SECOND);
    const again = liveReply.parse((await client.send('GET', `/api/camera/${id}/live`)).json);
    expect(again.trouble).toBeUndefined();
    expect(readyReply.parse((await client.send('GET', '/ready')).json).parts['cameras']?.problem).toBeNull();
  });

  it.each(REFUSALS)('$name', async ({ refuse, code, logged }) => {
    const house = await installation();
    const { rig, client } = house;
    refuse(house);
    await rig.end(rig.jobs.initialize());
    await rig.clock.advance(RUNS_MS);
    const { id } = rig.camera(GATE);
    const { camera } = oneCameraReply.parse((await client.send('GET', `/api/camera/${id}`)).json);
    expect(camera.health.state).toBe('dark');
    expect(camera.health.reason).toMatch(code);
    expect(`${camera.health.sentence} ${camera.health.nextStep}`).toMatch(/\.$/);
    expect((await client.send('GET', `/api/camera/${id}/live`)).status).toBe(409);
    const { parts } = readyReply.parse((await client.send('GET', '/ready')).json);
    expect(JSON.stringify(parts)).toMatch(code);
    expect(JSON.stringify(parts)).toContain(GATE);
    expect(rig.warnings.join('\n')).toMatch(logged);
  });

  it('the cloud, for a whole account', async () => {
    const { rig, cloud, client } = await installation();
    await rig.end(rig.jobs.initialize());
    await rig.clock.advance(RUNS_MS);
    cloud.refusal = refused.keys;
    await rig.clock.runUntil(rig.jobs.renew({ force: true }).ended);
    const { parts } = readyReply.parse((await client.send('GET', '/ready')).json);
    expect(parts['accounts']).toEqual({
      ready: false,
      problem: 'These accounts cannot be used now: hikvision (OPEN000001).',
    });
    expect((await client.send('GET', '/api/account')).json).toMatchObject({ accounts: [{ usable: false }] });
  });

  it('the store, when it does not take a new camera', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-refused-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    // Two channels of one recorder, and an index of somebody else's that takes a serial once.
    const listed = [aListedCamera(1), { ...aListedCamera(2), deviceSerial: aListedCamera(1).deviceSerial, channel: 2 }];
    const { rig, client } = await installation({
      dataDir,
      clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)],
    });
    const database = new Database(path.join(dataDir, SQLITE_FILE));
    onTestFinished(() => void database.close());
    database.exec('CREATE UNIQUE INDEX by_hand ON cameras (hikvisionDeviceSerial)');
    const { report } = await rig.end(rig.jobs.initialize());
    const { failed } = initializeReply.parse(report);
    expect(failed).toMatchObject([{ code: 'DOCUMENT_REFUSED', cure: expect.stringMatching(/\.$/) as string }]);
    const id = failed[0]?.cameraId ?? '';
    await rig.clock.advance(RUNS_MS);
    const { parts, ready } = readyReply.parse((await client.send('GET', '/ready')).json);
    expect(ready).toBe(true);
    expect(parts['documents']).toMatchObject({ ready: false });
    expect(parts['documents']?.problem).toContain(id);
    expect(rig.storeWarnings.filter((line) => line.includes(id))).toHaveLength(1);
    // Its neighbour is served, and it is itself once the index is gone.
    expect((await client.send('GET', `/api/camera/${rig.camera(GATE).id}/live`)).status).toBe(200);
    database.exec('DROP INDEX by_hand');
    expect((await rig.end(rig.jobs.initialize())).report).toMatchObject({ created: 1, failed: [] });
    expect((await client.send('GET', `/api/camera/${id}/live`)).status).toBe(200);
    expect(readyReply.parse((await client.send('GET', '/ready')).json).parts['documents']?.problem).toBeNull();
  });

  it('the store, when it is away', async () => {
    const { rig, client } = await installation();
    await rig.end(rig.jobs.initialize());
    rig.storeAway(true);
    await rig.clock.advance(RUNS_MS);
    const ready = await client.send('GET', '/ready');
    expect(ready.status).toBe(503);
    expect(readyReply.parse(ready.json)).toMatchObject({
      parts: { store: { ready: false } },
      error: { code: 'STORE_UNREACHABLE' },
    });
    expect(rig.warnings.join('\n')).toMatch(/goes on from memory/);
  });
});
