import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { SOUND_TRACKS, T0 } from '../../../test/support/builders.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';
import { sourceNetworks } from '../../core/camera/sourceNetworks.js';
import { AppError } from '../../core/errors.js';
import type { NotOpened, Opened, SourceOpening } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { RELAY_REASONS, type PullReason } from '../../core/streams/relay.js';
import { CachedCameraStore } from '../../store/memory/cachedCameraStore.js';
import { createStore } from '../../store/opening/createStore.js';
import { UrlCameras, type NewUrlCamera } from './urlCameras.js';

const OPENED: Opened = { tracks: SOUND_TRACKS, keyFrame: Buffer.alloc(0) };
const GATE: NewUrlCamera = {
  name: 'Gate',
  source: { url: 'rtsp://10.0.0.1/Streaming/101?x=%2f', user: 'admin', password: 'p@ss/w' },
};
const KEPT = { keep: true } as const;
const STRICT = { keep: false } as const;

interface Rig {
  readonly cameras: UrlCameras;
  readonly store: CachedCameraStore;
  readonly asked: PullTarget[];
  /** How many openings were told to try a login that was refused lately. */
  again: number;
  readonly clock: TurnedClock;
  answer: (target: PullTarget, signal: AbortSignal) => Promise<Opened | NotOpened> | Opened | NotOpened;
}

async function startRig(opens = true): Promise<Rig> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-sources-'));
  const clock = new TurnedClock();
  const log = { warn: () => undefined };
  const made = createStore({ mongodbUri: null, dataDir, vendors: vendorsWith(), clock, random: Math.random, log });
  const store = new CachedCameraStore(made);
  await store.open();
  onTestFinished(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true });
  });
  const asked: PullTarget[] = [];
  const opening: SourceOpening = {
    open: async (target, signal, options) => {
      asked.push(target);
      if (options?.again === true) rig.again += 1;
      return rig.answer(target, signal);
    },
  };
  const networks = sourceNetworks('');
  const cameras = new UrlCameras({ clock, random: () => 0.5, store, opening: opens ? opening : null, networks });
  const rig: Rig = { cameras, store, asked, again: 0, clock, answer: () => OPENED };
  return rig;
}

describe('a camera by URL that is created', () => {
  it('by a person tries a login that was refused lately once more, and only then', async () => {
    const rig = await startRig();
    rig.answer = () => ({ reason: 'login', code: null });
    await expect(rig.cameras.create(GATE, STRICT)).rejects.toMatchObject({ code: 'SOURCE_NOT_OPENED' });
    expect(rig.again).toBe(0);
    const kept = await rig.cameras.create(GATE, { ...KEPT, again: true });
    expect(rig.again).toBe(1);
    // By itself camlease tries the refused login no sooner than after half an hour.
    const waitMs = (kept.failure?.nextLookAt?.getTime() ?? 0) - rig.clock.now().getTime();
    expect(waitMs).toBeGreaterThanOrEqual(30 * 60_000);
  });

  it('is opened once and stored with its tracks, its login apart', async () => {
    const rig = await startRig();
    const camera = await rig.cameras.create({ ...GATE, sound: 'off', labels: ['yard'] }, STRICT);
    expect(rig.asked).toEqual([
      {
        url: 'rtsp://admin:p%40ss%2Fw@10.0.0.1/Streaming/101?x=%2f',
        ...{ givenBy: 'person', revision: 1, endsAt: null, tracks: null },
      },
    ]);
    expect(camera).toMatchObject({ name: 'Gate', sound: 'off', labels: ['yard'], failure: null, lease: null });
    expect(camera.source).toEqual({
      ...{ kind: 'url', url: 'rtsp://10.0.0.1/Streaming/101?x=%2f', login: { user: 'admin', password: 'p@ss/w' } },
      ...{ revision: 1, tracks: SOUND_TRACKS, openedAt: T0 },
    });
    expect(rig.store.peek(camera.id)).toEqual(camera);
  });

  it.each(RELAY_REASONS.filter((reason): reason is PullReason => reason !== 'no-address' && reason !== 'over-cap'))(
    'is refused with a sentence and a cure when it did not open because of %s, or kept with its failure',
    async (reason) => {
      const rig = await startRig();
      rig.answer = () => ({ reason, code: null });
      const refused = await rig.cameras.create(GATE, STRICT).catch((thrown: unknown) => thrown);
      expect(refused).toBeInstanceOf(AppError);
      expect(refused).toMatchObject({ code: 'SOURCE_NOT_OPENED', reason, status: 422 });
      const { message, cure } = refused as AppError;
      expect([message, cure].join(' ')).toMatch(/^[A-Z].*\. .*"keep": true\.$/);
      expect(JSON.stringify(refused)).not.toContain('p@ss');
      expect([...rig.store.peekAll()]).toEqual([]);

      const camera = await rig.cameras.create(GATE, KEPT);
      expect(camera.failure).toMatchObject({ code: expect.stringMatching(/^STREAM_/) as string, attempts: 1 });
      expect(camera.source).toMatchObject({ tracks: null, openedAt: null });
    },
  );

  it.each([
    ['ECONNREFUSED', /Nobody listens/],
    ['ENOTFOUND', /name of the host/],
    ['EHOSTUNREACH', /does not answer/],
  ])('names what %s means', async (code, says) => {
    const rig = await startRig();
    rig.answer = () => ({ reason: 'connection', code });
    await expect(rig.cameras.create(GATE, STRICT)).rejects.toThrow(says);
  });

  it('tries the login as it was typed, and percent-decoded only once the camera has refused that', async () => {
    const rig = await startRig();
    const typed = { ...GATE, source: { url: 'rtsp://admin:p%40ss@10.0.0.1/x' } };
    rig.answer = ({ url }) => (url.includes('p%40ss@') ? OPENED : { reason: 'login', code: null });
    const camera = await rig.cameras.create(typed, STRICT);
    expect(rig.asked.map(({ url }) => url)).toEqual([
      'rtsp://admin:p%2540ss@10.0.0.1/x',
      'rtsp://admin:p%40ss@10.0.0.1/x',
    ]);
    expect(camera.source).toMatchObject({ login: { user: 'admin', password: 'p@ss' } });

    rig.answer = () => ({ reason: 'connection', code: null });
    const other = { ...typed, source: { url: 'rtsp://admin:p%40ss@10.0.0.2/x' } };
    await expect(rig.cameras.create(other, STRICT)).rejects.toMatchObject({ reason: 'connection' });
    expect(rig.asked).toHaveLength(3);
  });

  it('at a literal address that may not be dialled is refused at once, and nothing is dialled', async () => {
    const rig = await startRig();
    for (const host of ['127.0.0.1', '169.254.169.254', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '224.0.0.1']) {
      const source = { url: `rtsp://${host}/x` };
      await expect(rig.cameras.create({ ...GATE, source }, STRICT)).rejects.toMatchObject({ reason: 'forbidden' });
      expect((await rig.cameras.create({ ...GATE, source }, KEPT)).failure?.code).toBe('STREAM_FORBIDDEN');
    }
    expect(rig.asked).toEqual([]);
  });

  it.each([
    [{}, /names no "url"/],
    [{ url: 'file:///etc/passwd' }, /scheme/],
    [{ url: 'rtsp://h/***' }, /\*\*\*/],
    [{ url: 'rtsp://%2A%2a*:x@h/' }, /\*\*\*/],
    [{ url: 'rtsp://h/', user: 'a', password: '***' }, /\*\*\*/],
    [{ url: 'rtsp://a:b@h/', user: 'a', password: 'b' }, /twice/],
    [{ url: 'rtsp://h/', user: 'a\r\nX: y' }, /control characters/],
    [{ url: 'rtsp://h/', user: 'a', password: 'x'.repeat(201) }, /too long/],
  ])('is refused in words for the source %j', async (source, says) => {
    const rig = await startRig();
    await expect(rig.cameras.create({ name: 'x', source }, KEPT)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(rig.cameras.create({ name: 'x', source }, KEPT)).rejects.toThrow(says);
    expect([rig.asked, [...rig.store.peekAll()]]).toEqual([[], []]);
  });

  it('is refused when a camera with its address and login is there, or is just being added', async () => {
    const rig = await startRig();
    let release = (): void => undefined;
    const held = new Promise<Opened>((resolve) => (release = () => resolve(OPENED)));
    rig.answer = () => held;
    const first = rig.cameras.create(GATE, STRICT);
    await expect(rig.cameras.create(GATE, KEPT)).rejects.toMatchObject({ code: 'CAMERA_EXISTS' });
    release();
    const { id } = await first;
    await expect(rig.cameras.create(GATE, KEPT)).rejects.toThrow(`"Gate" (${id})`);
    const other = { ...GATE, source: { ...GATE.source, user: 'viewer' } };
    const second = await rig.cameras.create(other, STRICT);
    expect(second.id).not.toBe(id);
    expect(rig.asked).toHaveLength(2);

    const moved = new Promise<Opened>((resolve) => (release = () => resolve(OPENED)));
    rig.answer = () => moved;
    const address = { url: 'rtsp://10.0.0.7/new', user: 'a', password: 'b' };
    const change = rig.cameras.change(id, address, STRICT);
    await expect(rig.cameras.change(second.id, address, KEPT)).rejects.toMatchObject({ code: 'CAMERA_EXISTS' });
    release();
    expect((await change).source).toMatchObject({ url: 'rtsp://10.0.0.7/new' });
  });

  it('waits for its turn: sixteen sources are opened at a time', async () => {
    const rig = await startRig();
    const open: Array<() => void> = [];
    rig.answer = () => new Promise<Opened>((resolve) => open.push(() => resolve(OPENED)));
    const some = Array.from({ length: 20 }, (_, at) =>
      rig.cameras.create({ name: `c${at}`, source: { url: `rtsp://10.0.1.${at}/x` } }, STRICT),
    );
    await expect.poll(() => rig.asked.length).toBe(16);
    const leaving = new AbortController();
    const source = { url: 'rtsp://10.0.2.1/x' };
    const left = rig.cameras.create({ name: 'left', source }, { ...STRICT, signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    open.splice(0, 4).forEach((end) => end());
    await expect.poll(() => rig.asked.length).toBe(20);
    open.splice(0).forEach((end) => end());
    expect(await Promise.all(some)).toHaveLength(20);
    rig.answer = () => OPENED;
    expect((await rig.cameras.create({ name: 'after', source }, STRICT)).failure).toBeNull();
  });

  it('is one of 272 at most that are opened or wait: a flood is refused in words, and nothing of it is stored', async () => {
    const rig = await startRig();
    rig.answer = () => new Promise<Opened>(() => undefined);
    const leaving = new AbortController();
    const create = (at: number): Promise<unknown> =>
      rig.cameras
        .create(
          { name: `c${at}`, source: { url: `rtsp://10.0.${at >> 8}.${at & 255}/x` } },
          { ...STRICT, signal: leaving.signal },
        )
        .catch((thrown: unknown) => thrown);
    const some = Array.from({ length: 272 }, (_, at) => create(at));
    for (let at = 272; at < 300; at++)
      expect(await create(at)).toMatchObject({
        ...{ code: 'RELAY_BUSY', message: '16 sources are being opened, and 256 wait.' },
        ...{ cure: expect.any(String) as unknown, retryAfterMs: 10_000 },
      });
    expect(rig.asked).toHaveLength(16);
    leaving.abort(new Error('left'));
    // Those that wait leave; the sixteen are up to the relay, which gets the signal.
    await rig.clock.advance(20_000);
    expect((await Promise.all(some.slice(16))).every((one) => one instanceof Error)).toBe(true);
    expect([...rig.store.peekAll()]).toEqual([]);
  });

  it('is stored unopened where that is wished, and told apart from a relay that is away', async () => {
    const rig = await startRig(false);
    expect((await rig.cameras.create(GATE, { keep: true, opens: false })).failure).toBeNull();
    const other = { ...GATE, source: { url: 'rtsp://10.0.0.9/x' } };
    await expect(rig.cameras.create(other, STRICT)).rejects.toMatchObject({ code: 'RELAY_UNREACHABLE' });
    expect((await rig.cameras.create(other, KEPT)).failure).toMatchObject({ code: 'RELAY_UNREACHABLE' });
  });

  it('ends when the relay does not answer in time', async () => {
    const rig = await startRig();
    rig.answer = (_target, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const created = rig.cameras.create(GATE, STRICT).catch((thrown: unknown) => thrown);
    await expect.poll(() => rig.asked.length).toBe(1);
    await rig.clock.advance(20_000);
    expect(await created).toMatchObject({ code: 'RELAY_UNREACHABLE' });
  });
});

describe('a camera by URL that is changed', () => {
  const SHOWN = 'rtsp://10.0.0.1/Streaming/101?***';

  it('stays as it is when its masked values come back', async () => {
    const rig = await startRig();
    const camera = await rig.cameras.create(GATE, STRICT);
    for (const given of [{ url: SHOWN }, { url: SHOWN, user: '***' }, { url: SHOWN, user: '***', password: '***' }, {}])
      expect(await rig.cameras.change(camera.id, given, STRICT)).toBe(camera);
    expect(rig.asked).toHaveLength(1);
  });

  it('keeps a hidden login for the address that it was given for', async () => {
    const rig = await startRig();
    const { id } = await rig.cameras.create(GATE, STRICT);
    const url = 'rtsp://10.6.6.6/x';
    const refused = [{ url }, { url, user: '***' }, { url, user: 'admin' }, { url, password: 'new' }];
    for (const given of refused)
      await expect(rig.cameras.change(id, given, KEPT)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(rig.cameras.change(id, { url }, KEPT)).rejects.toMatchObject({
      cure: expect.stringContaining('"login": null') as string,
    });
    for (const still of [`${SHOWN}9`, 'rtsp://%2A%2A%2A:%2A%2A%2A@10.0.0.1/x'])
      await expect(rig.cameras.change(id, { url: still }, KEPT)).rejects.toThrow('still masked');
    expect(rig.asked).toHaveLength(1);

    const bare = await rig.cameras.change(id, { url, login: null }, STRICT);
    expect(bare.source).toMatchObject({ url, login: null, revision: 2, tracks: SOUND_TRACKS });
    const again = await rig.cameras.change(id, { url: 'rtsp://a:b@10.0.0.7/x', user: null }, STRICT);
    expect(again.source).toMatchObject({ login: { user: 'a', password: 'b' }, revision: 3 });
  });

  it('gets a new password under its user, and no new user under a hidden password', async () => {
    const rig = await startRig();
    const { id } = await rig.cameras.create(GATE, STRICT);
    const changed = await rig.cameras.change(id, { url: SHOWN, user: '***', password: 'new' }, STRICT);
    expect(changed.source).toMatchObject({ login: { user: 'admin', password: 'new' }, revision: 2 });
    expect(rig.asked.at(-1)).toMatchObject({ revision: 2 });
    await expect(rig.cameras.change(id, { user: 'root' }, STRICT)).rejects.toThrow('password is hidden');
    expect((await rig.cameras.change(id, { user: 'root', password: '' }, STRICT)).source).toMatchObject({
      login: { user: 'root', password: '' },
    });
    expect((await rig.cameras.change(id, { login: null }, STRICT)).source).toMatchObject({ login: null });
  });

  it('keeps its old address when the new one does not open, unless it is to be kept', async () => {
    const rig = await startRig();
    const camera = await rig.cameras.create(GATE, STRICT);
    rig.answer = () => ({ reason: 'login', code: null });
    const given = { user: 'admin', password: 'wrong' };
    await expect(rig.cameras.change(camera.id, given, STRICT)).rejects.toMatchObject({ code: 'SOURCE_NOT_OPENED' });
    expect(rig.store.peek(camera.id)).toEqual(camera);
    const kept = await rig.cameras.change(camera.id, given, KEPT);
    expect(kept).toMatchObject({ failure: { code: 'STREAM_LOGIN_REFUSED' }, source: { revision: 2, tracks: null } });
  });
});
