import { expect, test } from 'vitest';
import { TurnedClock } from '../../../simulator/turnedClock.js';
import { SpliceCarrier, type WantedCarriage } from './spliceCarrier.js';
import type { Carriage, Carried, Splicer, SplicerListener } from './splicer.js';

/** A splice in memory: what arrives is told by the test. */
class FakeSplicer implements Splicer {
  readonly told: string[] = [];
  readonly waiting = new Map<string, { arrive: () => void; fail: (error: Error) => void }>();
  listener: SplicerListener = {};
  alive = false;
  now: Carried[] = [];

  async start(): Promise<{ available: boolean; problem: string | null }> {
    this.alive = true;
    this.told.push('start');
    return { available: true, problem: null };
  }
  async stop(): Promise<void> {
    this.alive = false;
    this.told.push('stop');
  }
  available(): boolean {
    return this.alive;
  }
  pid(): number | null {
    return this.alive ? 1 : null;
  }
  async carry(cameraId: string, { revision }: Carriage): Promise<void> {
    this.told.push(`carry ${cameraId} ${revision}`);
  }
  async arrived(cameraId: string, revision: number): Promise<void> {
    await new Promise<void>((arrive, fail) => this.waiting.set(`${cameraId} ${revision}`, { arrive, fail }));
    this.now = [...this.now.filter((one) => one.cameraId !== cameraId), { cameraId, revision, bytes: 1 }];
  }
  async drop(cameraId: string): Promise<void> {
    this.told.push(`drop ${cameraId}`);
  }
  async carried(): Promise<readonly Carried[]> {
    return this.now;
  }
  listen(listener: SplicerListener): void {
    this.listener = listener;
  }
  die(): void {
    this.alive = false;
    for (const { fail } of this.waiting.values()) fail(new Error('it died'));
    this.listener.lost?.();
  }
}

const NEVER = new Date('2027-01-01T00:00:00Z');
const wanted = (revision: number, ids = ['gate']): ReadonlyMap<string, WantedCarriage> =>
  new Map(
    ids.map((id) => [
      id,
      { from: `rtsp://h/_lease/${id}/${revision}`, to: `rtsp://h/${id}`, revision, expiresAt: NEVER },
    ]),
  );

function make(): {
  splicer: FakeSplicer;
  carrier: SpliceCarrier;
  changes: boolean[];
  clock: TurnedClock;
  warnings: string[];
} {
  const splicer = new FakeSplicer();
  const clock = new TurnedClock(new Date('2026-01-05T08:00:00Z'));
  const changes: boolean[] = [];
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  const carrier = new SpliceCarrier({ splicer, clock, log, onChange: (urgent) => void changes.push(urgent) });
  return { splicer, carrier, changes, clock, warnings };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function carrying(): Promise<ReturnType<typeof make>> {
  const made = make();
  await made.carrier.want(wanted(1));
  await turn();
  made.splicer.waiting.get('gate 1')?.arrive();
  await turn();
  expect(made.carrier.leaseOf('gate')?.revision).toBe(1);
  expect(made.changes.splice(0)).toEqual([false]);
  return made;
}

test('it is started only when a camera wants it, and stopped then alone', async () => {
  const idle = make();
  await idle.carrier.want(new Map());
  await idle.carrier.stop();
  expect(idle.splicer.told).toEqual([]);
  const { carrier, splicer } = await carrying();
  await carrier.stop();
  expect(splicer.told).toEqual(['start', 'carry gate 1', 'stop']);
});

test('a renewal is over when the new lease arrived, and is told as a splice', async () => {
  const { carrier, splicer } = await carrying();
  const moving = carrier.want(wanted(2));
  await turn();
  expect(carrier.leaseOf('gate')?.revision).toBe(1);
  splicer.waiting.get('gate 2')?.arrive();
  expect(await moving).toEqual([{ cameraId: 'gate', revision: 2, how: 'splice' }]);
  expect(carrier.leaseOf('gate')?.revision).toBe(2);
});

test('a camera whose lease is renewed while the splice begins is begun with the new one, and not given up', async () => {
  const { carrier, splicer, warnings } = make();
  await carrier.want(wanted(1));
  await turn();
  const renewed = carrier.want(wanted(2));
  await turn();
  splicer.waiting.get('gate 1')?.fail(new Error('its feeder has gone'));
  splicer.waiting.get('gate 2')?.arrive();
  await renewed;
  await turn();
  expect(carrier.leaseOf('gate')?.revision).toBe(2);
  expect(warnings).toEqual([]);
});

test('a lease that does not arrive gives the camera to its feeders at once, and the splice is tried again later', async () => {
  const { carrier, splicer, changes, clock } = await carrying();
  const moving = carrier.want(wanted(2));
  await turn();
  splicer.waiting.get('gate 2')?.fail(new Error('no key frame'));
  expect(await moving).toEqual([]);
  expect(carrier.leaseOf('gate')).toBeNull();
  expect(changes).toEqual([true]);
  expect(splicer.told.at(-1)).toBe('drop gate');
  await carrier.look([]);
  expect(splicer.told.at(-1)).toBe('drop gate');
  await clock.advance(30_001);
  await carrier.look([]);
  expect(splicer.told.at(-1)).toBe('carry gate 2');
});

test('its death is said with the number of cameras, and ends when they are carried again', async () => {
  const { carrier, splicer, changes, clock, warnings } = await carrying();
  splicer.die();
  const sentence = 'The splice process died; 1 camera is carried by handover until it is back.';
  expect(carrier.problem).toBe(sentence);
  expect(warnings).toEqual([sentence]);
  expect(changes).toEqual([true]);
  expect(carrier.leaseOf('gate')).toBeNull();
  splicer.alive = true;
  splicer.listener.restarted?.();
  await carrier.look([]);
  expect(splicer.told.filter((what) => what === 'carry gate 1')).toHaveLength(1);
  await clock.advance(3_001);
  await turn();
  splicer.waiting.get('gate 1')?.arrive();
  await turn();
  expect(carrier.problem).toBeNull();
  expect(carrier.leaseOf('gate')?.revision).toBe(1);
});

test('a camera whose picture does not arrive, or that the splice forgot, is given to its feeders', async () => {
  const { carrier, splicer, changes } = await carrying();
  await carrier.look([]);
  expect(changes).toEqual([]);
  await carrier.look(['gate']);
  expect(carrier.leaseOf('gate')).toBeNull();
  expect(changes).toEqual([true]);
  expect(splicer.told).toContain('drop gate');
});

test('a camera that is no longer wanted is dropped', async () => {
  const { carrier, splicer } = await carrying();
  await carrier.want(new Map());
  expect(carrier.leaseOf('gate')).toBeNull();
  expect(splicer.told.at(-1)).toBe('drop gate');
});
