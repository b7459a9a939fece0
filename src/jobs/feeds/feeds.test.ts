import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../test/support/builders.js';
import { jobsRig, type JobsRig } from '../../../test/support/jobsRig.js';
import { readEntry, type FeedRow } from '../../core/feeds/feedEntry.js';
import { feedsTrouble } from '../../core/feeds/feedState.js';
import type { MasterList } from '../../core/feeds/masterItems.js';
import type { ListAnswer } from '../../lists/askList.js';
import { createLog } from '../../observe/logger.js';
import { createRedactor } from '../../observe/redact.js';
import { UrlCameras } from '../sources/urlCameras.js';
import { feedCameras } from './feedCameras.js';
import { Feeds, type FileReading } from './feeds.js';

const CITY: MasterList = {
  ...{ name: 'city', url: 'http://city.test/?key=hunter2', everyMs: 30_000, timeoutMs: 10_000, headers: {} },
  ...{ items: null, login: null, fields: { key: 'equipId', url: 'rtspUrl', name: 'title' } },
};
const row = (name: string, more: object = {}): FeedRow =>
  readEntry({ name, url: `rtsp://10.0.0.5/${name}`, ...more }, `entry of ${name}`);
const items = (...keys: string[]): ListAnswer => ({
  problem: null,
  text: JSON.stringify(
    keys.map((key) => ({ equipId: key, rtspUrl: `rtsp://10.0.0.6/${key}`, title: `Crossing ${key}` })),
  ),
});

interface Rig extends JobsRig {
  readonly feeds: Feeds;
  /** What the file says from now on. */
  says(reading: FileReading): Promise<void>;
  /** What the master list answers from now on. */
  answers(answer: ListAnswer): Promise<void>;
  /** Name and status of every camera. */
  cameras(): Record<string, string>;
  trouble(): string | null;
  readonly lines: string[];
  /** Whether this replica reads the lists. */
  owns(isOurs: boolean): void;
}

/** Nothing of a list is opened when it is stored. */
function urlCamerasOf({ clock, store }: JobsRig): UrlCameras {
  return new UrlCameras({ clock, random: () => 0.5, store, opening: null, networks: { isAllowed: () => true } });
}

async function rigOf(): Promise<Rig> {
  const rig = await jobsRig({ clouds: () => [] });
  const { clock, store } = rig;
  let file: FileReading = { kind: 'same' };
  let answer: ListAnswer = items('1', '2');
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const own = { isOurs: true };
  const feeds = new Feeds({
    ...{ clock, store, cameras: feedCameras({ urls: urlCamerasOf(rig), store, clock }) },
    log: createLog({ level: 'debug', redactor: createRedactor(), readable: false, write }),
    readFile: () => {
      const said = file;
      file = { kind: 'same' };
      return Promise.resolve(said);
    },
    ask: () => Promise.resolve(answer),
    isOurs: () => own.isOurs,
  });
  await feeds.start();
  const pass = async (ms: number): Promise<void> =>
    clock.runUntil(new Promise<void>((resolve) => clock.after(ms, resolve)));
  return Object.assign(rig, {
    ...{ feeds, lines },
    says: async (reading: FileReading) => {
      file = reading;
      await pass(6 * SECOND);
    },
    answers: async (said: ListAnswer) => {
      answer = said;
      await pass(31 * SECOND);
    },
    cameras: () => Object.fromEntries([...store.peekAll()].map(({ name, status }) => [name, status])),
    trouble: () => feedsTrouble(feeds.states()),
    owns: (isOurs: boolean) => void (own.isOurs = isOurs),
  });
}

describe('the cameras that the settings file lists', () => {
  it('come, change and go with it; a broken or empty file changes nothing, and is told', async () => {
    const rig = await rigOf();
    await rig.says({ kind: 'read', rows: [row('Gate'), row('Yard', { password: 'hunter2' })], lists: [] });
    expect(rig.cameras()).toEqual({ Gate: 'active' });
    expect(rig.trouble()).toBe(
      'The list of cameras in camlease.yml has one entry that cannot be taken: Entry of Yard, "Yard", has a password and no user.',
    );
    const gate = rig.camera('Gate');
    expect(gate).toMatchObject({ feed: { name: 'file', key: 'Gate' }, source: { url: 'rtsp://10.0.0.5/Gate' } });

    await rig.says({ kind: 'broken', mistakes: ['camlease.yml is not valid YAML (line 3): indented with a tab.'] });
    expect(rig.trouble()).toContain('cannot be read (camlease.yml is not valid YAML (line 3): indented with a tab)');
    expect(rig.trouble()).toContain('so its camera stays as it was. Correct the file');
    await rig.says({ kind: 'read', rows: null, lists: [] });
    expect(rig.trouble()).toContain('names no camera, so its camera stays as it was.');
    expect(rig.cameras()).toEqual({ Gate: 'active' });

    const moved = row('Gate', { url: 'rtsp://admin:hunter2@10.0.0.9/ch1', labels: ['north'] });
    await rig.says({ kind: 'read', rows: [moved, row('Yard')], lists: [] });
    expect(rig.trouble()).toBeNull();
    expect(rig.camera('Gate')).toMatchObject({
      ...{ id: gate.id, labels: ['north'] },
      source: { url: 'rtsp://10.0.0.9/ch1', login: { user: 'admin', password: 'hunter2' }, revision: 2 },
    });
    await rig.says({ kind: 'read', rows: [row('Yard')], lists: [] });
    expect(rig.cameras()).toEqual({ Gate: 'missing', Yard: 'active' });
    expect(rig.lines.join('\n')).not.toContain('hunter2');
    await rig.feeds.stop();
  });
});

describe('a master list', () => {
  it('marks what vanishes as missing, and an answer that is none or empty changes nothing', async () => {
    const rig = await rigOf();
    await rig.says({ kind: 'read', rows: null, lists: [CITY] });
    expect(rig.cameras()).toEqual({ 'Crossing 1': 'active', 'Crossing 2': 'active' });
    const { id } = rig.camera('Crossing 2');

    await rig.answers({ problem: 'answered with status 500', cure: 'Look at it.' });
    expect(rig.trouble()).toBe(
      'The list "city" answered with status 500, so its 2 cameras stay as they were. Look at it.',
    );
    await rig.answers(items());
    expect(rig.trouble()).toContain('The list "city" names no camera, so its 2 cameras stay as they were.');
    await rig.answers({ problem: null, text: '<html>' });
    expect(rig.trouble()).toContain('answered something that is no JSON');
    expect(rig.cameras()).toEqual({ 'Crossing 1': 'active', 'Crossing 2': 'active' });

    await rig.answers(items('1'));
    expect(rig.cameras()).toEqual({ 'Crossing 1': 'active', 'Crossing 2': 'missing' });
    expect(rig.trouble()).toBeNull();
    await rig.answers(items('1', '2'));
    expect(rig.camera('Crossing 2')).toMatchObject({ id, status: 'active', missingSince: null });

    await rig.store.remove(id, rig.clock.now());
    await rig.answers(items('1', '2'));
    expect(rig.cameras()).toEqual({ 'Crossing 1': 'active' });
    expect(rig.feeds.states()).toMatchObject([{ name: 'city', counts: { entries: 2, deleted: 1, created: 0 } }]);
    expect(rig.lines.join('\n')).not.toContain('hunter2');
    await rig.feeds.stop();
  });

  it('is asked no more when the file does not name it, and its cameras stay', async () => {
    const rig = await rigOf();
    await rig.says({ kind: 'read', rows: null, lists: [CITY] });
    await rig.says({ kind: 'read', rows: null, lists: [] });
    await rig.answers(items('1'));
    expect(rig.cameras()).toEqual({ 'Crossing 1': 'active', 'Crossing 2': 'active' });
    expect(rig.feeds.states()).toEqual([]);
    await rig.feeds.stop();
  });

  it('waits while the store is away, and is taken once it is back', async () => {
    const rig = await rigOf();
    rig.storeAway(true);
    await rig.says({ kind: 'read', rows: null, lists: [CITY] });
    expect(rig.trouble()).toContain('The list "city" could not be stored');
    rig.storeAway(false);
    await rig.answers(items('1'));
    expect(rig.cameras()).toEqual({ 'Crossing 1': 'active' });
    expect(rig.trouble()).toBeNull();
    await rig.feeds.stop();
  });

  it('is read by one replica alone, which takes what the file said meanwhile', async () => {
    const rig = await rigOf();
    rig.owns(false);
    await rig.says({ kind: 'read', rows: [row('Gate')], lists: [CITY] });
    expect(rig.cameras()).toEqual({});
    rig.owns(true);
    await rig.says({ kind: 'same' });
    expect(rig.cameras()).toMatchObject({ Gate: 'active', 'Crossing 1': 'active' });
    await rig.feeds.stop();
  });
});
