import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../test/support/builders.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import type { Camera } from '../../core/camera/camera.js';
import { readEntry } from '../../core/feeds/feedEntry.js';
import { feedsTrouble } from '../../core/feeds/feedState.js';
import { feedCameras } from '../../jobs/feeds/feedCameras.js';
import { UrlCameras } from '../../jobs/sources/urlCameras.js';
import type { ListAnswer } from '../../lists/askList.js';
import { createLog } from '../../observe/logger.js';
import { createRedactor } from '../../observe/redact.js';
import { ConfigFeed } from './configFeed.js';
import { readOldConfig, type OldConfig } from './oldConfig.js';

const SECRET = 'hunter2';
const STREAMS = {
  금곡IC: { url: `rtsp://admin:${SECRET}@10.0.0.1/ch1`, on_demand: false },
  gate: { url: 'rtsp://10.0.0.2/ch1' },
};
const MASTER = { cctv_master_url: `http://city.test/list?key=${SECRET}`, timeout: 3, retry_interval: '20s' };
const REFUSED: ListAnswer = { problem: 'answered with status 500', cure: 'Look at it.' };
const items = (...keys: string[]): ListAnswer => ({
  problem: null,
  text: JSON.stringify([
    ...keys.map((key) => ({ equipId: key, rtspUrl: `rtsp://10.0.0.9/${key}`, lanes: 3 })),
    { equipId: 'no address' },
  ]),
});

interface Rig extends JobsRig {
  readonly feed: ConfigFeed;
  readonly lines: string[];
  says(content: unknown): Promise<void>;
  answers(answer: ListAnswer): Promise<void>;
  /** Key and status of every camera. */
  keys(): Record<string, string>;
  cameraOf(key: string): Camera | undefined;
  trouble(): string | null;
}

async function rigOf(content: unknown, first: ListAnswer = REFUSED): Promise<Rig> {
  const rig = await jobsRig({ clouds: () => [] });
  const { clock, store } = rig;
  const networks = { isAllowed: () => true };
  const urls = new UrlCameras({ clock, random: () => 0.5, store, opening: null, networks });
  const said = { text: textOf(content), answer: first };
  const lines: string[] = [];
  const feed = new ConfigFeed({
    ...{ clock, store, cameras: feedCameras({ urls, store, clock }) },
    log: createLog({
      ...{ level: 'debug', redactor: createRedactor(), readable: false },
      write: (line) => void lines.push(line),
    }),
    readFile: () =>
      said.text === null
        ? Promise.reject(Object.assign(new Error(SECRET), { code: 'ENOENT' }))
        : Promise.resolve(said.text),
    ask: () => Promise.resolve(said.answer),
    isOurs: () => true,
  });
  await feed.start();
  const pass = async (ms: number): Promise<void> =>
    clock.runUntil(new Promise<void>((resolve) => clock.after(ms, resolve)));
  return Object.assign(rig, {
    ...{ feed, lines },
    says: async (next: unknown) => {
      said.text = textOf(next);
      await pass(6 * SECOND);
    },
    answers: async (answer: ListAnswer) => {
      said.answer = answer;
      await pass(21 * SECOND);
    },
    keys: () => Object.fromEntries([...store.peekAll()].map(({ feed: own, status }) => [own?.key ?? '', status])),
    cameraOf: (key: string) => [...store.peekAll()].find(({ feed: own }) => own?.key === key),
    trouble: () => feedsTrouble(feed.states()),
  });
}

function textOf(content: unknown): string | null {
  return typeof content === 'string' || content === null ? content : JSON.stringify(content);
}

function read(content: object): OldConfig {
  const config = readOldConfig(JSON.stringify(content));
  if ('problem' in config) throw new Error(config.problem);
  return config;
}

describe('the config.json of MTX-STREAMING', () => {
  it('has a stream that is not on demand pulled all the time, and a default that is true cannot be taken back', () => {
    const modes = ({ rows }: OldConfig): unknown[] => rows.map(({ entry }) => entry?.settings.mode);
    expect(modes(read({ streams: STREAMS }))).toEqual(['always-on', undefined]);
    expect(modes(read({ streams: STREAMS, stream_defaults: { on_demand: true } }))).toEqual(['on-demand', 'on-demand']);
    expect(modes(read({ streams: STREAMS, stream_defaults: { on_demand: false } }))).toEqual([
      'always-on',
      'always-on',
    ]);
  });

  it('has the sound of a stream left out where it or the defaults say so', () => {
    const sounds = ({ rows }: OldConfig): unknown[] => rows.map(({ entry }) => entry?.settings.sound);
    const streams = { a: { ...STREAMS.gate, disable_audio: true }, b: { ...STREAMS.gate, disable_audio: false } };
    expect(sounds(read({ streams: { ...streams, c: STREAMS.gate } }))).toEqual(['off', 'on', undefined]);
    const { withDefaults, rows } = read({ streams, stream_defaults: { disable_audio: true } });
    expect(rows.map(({ entry }) => entry?.settings.sound)).toEqual(['off', 'off']);
    const listed = readEntry({ key: 'n', url: 'rtsp://10.0.0.9/n' }, 'item 1');
    expect(withDefaults([listed])[0]?.entry?.settings).toEqual({ name: 'n', sound: 'off' });
  });

  it('names a master list by seconds, however they are written, and STUN servers', () => {
    const { master, iceServers } = read({
      api: MASTER,
      server: { http_port: ':8083', ice_servers: ['stun:stun.example.org:3478', 'turn:x', 'javascript:1'] },
    });
    expect(master).toMatchObject({ timeoutMs: 3_000, everyMs: 20_000, fields: { key: 'equipId', url: 'rtspUrl' } });
    expect(iceServers).toEqual(['stun:stun.example.org:3478']);
    expect(read({ cctv_master_url: 'http://city.test/' }).master).toMatchObject({ timeoutMs: 10_000, everyMs: 30_000 });
  });

  it.each([
    ['{', 'is not valid JSON'],
    ['[]', 'is no object'],
    [`{"streams":["${SECRET}"]}`, 'has a wrong value in "streams"'],
    [`{"api":{"timeout":"${SECRET}"}}`, 'has a wrong value in "api.timeout"'],
    [`{"api":{"cctv_master_url":"file:///${SECRET}"}}`, 'has a cctv_master_url that is no http address'],
  ])('%s is told of without a value', (text, problem) => {
    expect(readOldConfig(text)).toEqual({ problem });
  });
});

describe('cameras of MTX-STREAMING', () => {
  it('come, change and go with the file; a broken or missing one changes nothing, and is told without a secret', async () => {
    const rig = await rigOf({ streams: STREAMS });
    expect(rig.keys()).toEqual({ 금곡IC: 'active', gate: 'active' });
    const { id } = rig.cameraOf('금곡IC') ?? {};
    expect(rig.cameraOf('금곡IC')).toMatchObject({
      ...{ name: '금곡IC', mode: 'always-on', feed: { name: 'mtx' } },
      source: { url: 'rtsp://10.0.0.1/ch1', login: { user: 'admin', password: SECRET } },
    });
    for (const [broken, told] of [
      ['{"streams":', 'is not valid JSON'],
      [null, 'cannot be read (ENOENT)'],
      [{ streams: {} }, 'names no camera'],
    ] as const) {
      await rig.says(broken);
      expect(rig.trouble()).toContain(
        `The file that COMPAT_MTX_CONFIG names ${told}, so its 2 cameras stay as they were.`,
      );
      expect(rig.keys()).toEqual({ 금곡IC: 'active', gate: 'active' });
    }
    await rig.says({ streams: { 금곡IC: { ...STREAMS.금곡IC, on_demand: true }, hall: { on_demand: SECRET } } });
    expect(rig.keys()).toEqual({ 금곡IC: 'active', gate: 'missing' });
    expect(rig.cameraOf('금곡IC')).toMatchObject({ id, mode: 'on-demand' });
    expect(rig.trouble()).toContain('"hall", has no url.');
    expect(rig.lines.join('\n')).not.toContain(SECRET);
  });

  it('are those of the master list once it names some; a 500, an empty and a broken answer leave them', async () => {
    const rig = await rigOf({ api: MASTER, streams: STREAMS, stream_defaults: { on_demand: true } });
    // Until then those of the file are there.
    expect(rig.keys()).toEqual({ 금곡IC: 'active', gate: 'active' });
    expect(rig.trouble()).toContain('has a cctv_master_url that answered with status 500, so its 2 cameras stay');
    await rig.answers(items('a', 'b'));
    const listed = { 금곡IC: 'missing', gate: 'missing', a: 'active', b: 'active' };
    expect(rig.keys()).toEqual(listed);
    expect(rig.cameraOf('a')).toMatchObject({ mode: 'on-demand', source: { url: 'rtsp://10.0.0.9/a' } });
    for (const answer of [
      REFUSED,
      items(),
      { problem: null, text: '[]' } as const,
      { problem: null, text: '<' } as const,
    ]) {
      await rig.answers(answer);
      expect(rig.keys()).toEqual(listed);
      expect(rig.trouble()).toContain('has a cctv_master_url that ');
    }
    await rig.answers(items('b'));
    expect(rig.keys()).toEqual({ ...listed, a: 'missing' });
    expect(rig.lines.join('\n')).not.toContain(SECRET);
    // Without its address the file counts again.
    await rig.says({ streams: STREAMS });
    expect(rig.keys()).toEqual({ 금곡IC: 'active', gate: 'active', a: 'missing', b: 'missing' });
  });
});
