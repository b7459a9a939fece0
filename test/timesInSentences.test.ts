import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mailOf } from '../src/alerts/senders/mail.js';
import type { EmailSettings } from '../src/alerts/sender.js';
import { dark, camera, Watch } from './support/alerts/alertWatch.js';
import { aFailure, at, DAY, HOUR, MINUTE, SECOND } from './support/builders.js';
import { aListedCamera, FakeCloud, refused } from './support/clouds/fakeCloud.js';
import { serve } from './support/http/httpClient.js';
import { fakeHouse } from './support/http/httpDeps.js';
import { jobsRig } from './support/jobsRig.js';
import { packageRoot } from './support/installation/programs.js';

/** A template with words in which a moment stands. */
const SENTENCE_WITH_TIME = /`[^`\n]*[A-Za-z]+ [^`\n]*\$\{[^}\n]*toISOString\(\)[^}\n]*\}(.{0,4})/g;

it('every time in a sentence says that it is UTC', () => {
  const folder = join(packageRoot(), 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  const bare = files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(SENTENCE_WITH_TIME)]
      .filter(([, after = '']) => after !== ' UTC')
      .map(([sentence]) => `${name}: ${sentence}`),
  );
  expect(bare).toEqual([]);
});

const CLOCK = /\d{1,2}:\d{2}(?::\d{2})?/g;
const DATA = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const IN_WORDS = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})? UTC(?![+-])/g;

/** Texts with a time, and which of them tell it neither as data nor in UTC with its zone. */
function timesIn(reply: unknown): { readonly sentences: string[]; readonly wrong: string[] } {
  if (Array.isArray(reply)) return joined(reply.map(timesIn));
  if (typeof reply === 'object' && reply !== null) return joined(Object.values(reply).map(timesIn));
  if (typeof reply !== 'string' || reply.includes('://') || DATA.test(reply)) return { sentences: [], wrong: [] };
  const clocks = reply.match(CLOCK)?.length ?? 0;
  if (clocks === 0) return { sentences: [], wrong: [] };
  const inUtc = reply.match(IN_WORDS)?.length ?? 0;
  return { sentences: [reply], wrong: inUtc === clocks ? [] : [reply] };
}

function joined(all: ReadonlyArray<ReturnType<typeof timesIn>>): ReturnType<typeof timesIn> {
  return { sentences: all.flatMap(({ sentences }) => sentences), wrong: all.flatMap(({ wrong }) => wrong) };
}

describe('every time that a person reads', () => {
  it('of the interface and the log is in UTC with its zone, or data for the page', async () => {
    const listed = [1, 2, 3].map((number) => aListedCamera(number));
    const rig = await jobsRig({
      ticks: { renew: MINUTE },
      lifetimeSeconds: 2 * 3600,
      clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)],
    });
    const cloud = rig.clouds[0] as FakeCloud;
    const { store, jobs, engine, clock } = rig;
    const house = fakeHouse({ cameras: store, jobs, engine, events: jobs.events });
    const client = await serve({ ...house, clock });
    await rig.end(jobs.initialize());
    await clock.advance(SECOND);
    const read = async (): Promise<ReturnType<typeof timesIn>> => {
      const ids = [...store.peekAll()].map(({ id }) => id);
      const each = ids.flatMap((id) => ['', '/live', '/events?limit=200'].map((rest) => `/api/camera/${id}${rest}`));
      const all = ['/api/camera', '/api/account', '/api/outages', '/api/availability', '/api/forecast', '/ready'];
      const replies = await Promise.all([...all, ...each].map(async (path) => (await client.send('GET', path)).json));
      return timesIn([...replies, rig.warnings]);
    };
    const seen: ReturnType<typeof timesIn>[] = [await read()];
    // One whose renewal fails while its lease goes on, one whose new lease shows nothing, and an end that has come.
    cloud.refusals.set('SN0000001_1', refused.timeout);
    cloud.refusals.set('SN0000003_1', refused.deleted);
    await rig.end(jobs.renew({ force: true }));
    for (let step = 0; step < 5; step++) {
      await clock.advance(2 * MINUTE);
      seen.push(await read());
    }
    await clock.advance(3 * HOUR);
    seen.push(await read());
    const { sentences, wrong } = joined(seen);
    expect(wrong).toEqual([]);
    // Not for want of times.
    const kinds = [/good until .*\.$/, /stays in force until/, /failed \d+ times since/];
    for (const kind of kinds)
      expect(
        sentences.some((sentence) => kind.test(sentence)),
        String(kind),
      ).toBe(true);
  });

  it('of an alert and its mail is in UTC with its zone', () => {
    const watch = new Watch();
    const failing = camera('b', { failure: aFailure({ at: at(0), since: at(0), attempts: 4 }) });
    const since = { since: at(0), nextLookAt: at(HOUR) };
    const keys = {
      code: 'OPEN000002',
      message: 'The key is wrong.',
      cure: 'Check it.',
      failureClass: 'permanent' as const,
    };
    const world = {
      cameras: [camera('a'), failing],
      outages: [dark('a', 0)],
      accounts: [{ name: 'hik', refused: { ...keys, ...since } }],
    };
    watch.during(0, 2 * HOUR, world);
    watch.during(28 * DAY, 30 * DAY + HOUR, world);
    watch.during(30 * DAY + 2 * HOUR, 31 * DAY, { cameras: [camera('a')] });
    const settings = { from: 'camlease@example.org', to: ['ops@example.org'] } as unknown as EmailSettings;
    const { sentences, wrong } = timesIn(
      watch.sent.flatMap((one) => [one.title, one.text, mailOf(one, settings).text]),
    );
    expect(wrong).toEqual([]);
    for (const kind of [/has shown no picture since/, /^Since .*cloud/, /^This ended at/, /camlease, \d{4}/])
      expect(
        sentences.some((sentence) => kind.test(sentence)),
        String(kind),
      ).toBe(true);
  });
});
