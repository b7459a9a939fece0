import { expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { Puller } from '../pull/puller.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { loginKey, secondRefusal, targetKey } from '../wire/opening.js';
import { RefusedLogins } from './refusedLogins.js';

const HALF_AN_HOUR = 30 * 60_000;

const target = (revision: number, password = 'wrong'): PullTarget => ({
  ...{ url: `rtmp://admin:${password}@192.168.1.20/live`, givenBy: 'person', revision, endsAt: null, tracks: null },
});

/** A camera that answers each dial with `end`. */
function start(end: AnyPullEnd = { why: 'login', code: 'RTSP_401' }) {
  const clock = new TurnedClock();
  const dialled: PullTarget[] = [];
  const told: string[] = [];
  const camera: Puller = (to, { onEnd }) => {
    dialled.push(to);
    return { stop: clock.after(0, () => onEnd(end)) };
  };
  const logins = new RefusedLogins({ clock, onRefused: (key) => told.push(key) });
  const pull = logins.guarded(camera);
  const ends: AnyPullEnd[] = [];
  const dial = async (to: PullTarget): Promise<AnyPullEnd | undefined> => {
    pull(to, { onUnit: () => undefined, onBytes: () => undefined, onEnd: (why) => ends.push(why) });
    await clock.advance(1);
    return ends.at(-1);
  };
  return { clock, dialled, told, logins, dial };
}

it('a refused login is dialled once in half an hour, whoever asks', async () => {
  const { clock, dialled, told, dial } = start();
  expect(await dial(target(1))).toMatchObject({ why: 'login', code: 'RTSP_401' });
  for (let tries = 0; tries < 50; tries++)
    expect(await dial({ ...target(1) })).toMatchObject({ why: 'login', code: 'REFUSED_BEFORE' });
  expect([dialled.length, told]).toEqual([1, [targetKey(target(1)), loginKey(target(1))]]);
  await clock.advance(HALF_AN_HOUR);
  expect(await dial(target(1))).toMatchObject({ code: 'RTSP_401' });
  expect(dialled.length).toBe(2);
});

it('another revision or another password is dialled at once', async () => {
  const { dialled, dial } = start();
  await dial(target(1));
  await dial(target(2));
  await dial(target(2, 'right'));
  expect(dialled.length).toBe(3);
});

it('what another worker was told counts, and what a person asks for again is dialled', async () => {
  const { clock, dialled, logins, dial } = start();
  logins.note(targetKey(target(1)), HALF_AN_HOUR - 60_000);
  await dial(target(1));
  expect(dialled.length).toBe(0);
  logins.note(targetKey(target(1)), null);
  await dial(target(1));
  expect(dialled.length).toBe(1);
  await dial(target(1));
  expect(dialled.length).toBe(1);
  logins.note(targetKey(target(3)), HALF_AN_HOUR - 60_000);
  await clock.advance(60_000);
  await dial(target(3));
  expect(dialled.length).toBe(2);
});

const channel = (number: number, password = 'wrong', host = '192.168.1.20'): PullTarget => ({
  ...target(1),
  url: `rtsp://admin:${password}@${host}/Streaming/Channels/${number}01`,
});

it('thirty-two channels of a recorder with one wrong password are dialled twice, also when they are opened together', async () => {
  const { clock, dialled, dial, logins } = start();
  const ends = await Promise.all(Array.from({ length: 32 }, (_, at) => dial(channel(at + 1))));
  await clock.advance(100);
  expect(dialled.map(({ url }) => url.slice(-3))).toEqual(['101', '201']);
  expect(ends).toHaveLength(32);
  expect(await dial(channel(40))).toMatchObject({ why: 'login', code: 'REFUSED_BEFORE' });
  // Another password, and the same one at another host, are logins of their own.
  for (const other of [channel(1, 'right'), channel(1, 'wrong', '192.168.1.21')])
    expect(await dial(other)).toMatchObject({ code: 'RTSP_401' });
  expect(dialled).toHaveLength(4);
  // A person asks for one: it alone is dialled, and its refusal holds the others back as before.
  logins.note(targetKey(channel(1)), null);
  logins.note(secondRefusal(loginKey(channel(1)) ?? ''), null);
  expect(await dial(channel(1))).toMatchObject({ code: 'RTSP_401' });
  expect(await dial(channel(2))).toMatchObject({ code: 'REFUSED_BEFORE' });
  await clock.advance(HALF_AN_HOUR);
  expect(await dial(channel(3))).toMatchObject({ code: 'RTSP_401' });
});

it('channels of a host that does not answer wait for each other for two seconds, no longer', async () => {
  const clock = new TurnedClock();
  const dialled: PullTarget[] = [];
  const hanging: Puller = (to) => {
    dialled.push(to);
    return { stop: () => undefined };
  };
  const pull = new RefusedLogins({ clock, onRefused: () => undefined }).guarded(hanging);
  const nothing = (): void => undefined;
  const pulls = [1, 2, 3].map((at) => pull(channel(at), { onUnit: nothing, onBytes: nothing, onEnd: nothing }));
  expect(dialled).toHaveLength(1);
  pulls[2]?.stop();
  await clock.advance(1_999);
  expect(dialled).toHaveLength(1);
  await clock.advance(1);
  expect(dialled).toHaveLength(2);
});

it('once a login was accepted, its channels are dialled together', async () => {
  const clock = new TurnedClock();
  const dialled: PullTarget[] = [];
  const good: Puller = (to, { onUnit }) => {
    dialled.push(to);
    return { stop: clock.after(10, () => onUnit({ kind: 'left-out', track: 'sound', codec: 'MP3' })) };
  };
  const pull = new RefusedLogins({ clock, onRefused: () => undefined }).guarded(good);
  const nothing = (): void => undefined;
  const begin = (at: number) => pull(channel(at), { onUnit: nothing, onBytes: nothing, onEnd: nothing });
  for (const at of [1, 2, 3]) begin(at);
  expect(dialled).toHaveLength(1);
  await clock.advance(20);
  for (const at of [4, 5]) begin(at);
  expect(dialled.map(({ url }) => url.slice(-3, -2)).sort()).toEqual(['1', '2', '3', '4', '5']);
});

it('any other end is no reason to wait', async () => {
  const { dialled, told, dial } = start({ why: 'connection', code: 'ECONNREFUSED' });
  for (let tries = 0; tries < 3; tries++) await dial(target(1));
  expect([dialled.length, told]).toEqual([3, []]);
});

it('a key names no address', () => {
  expect(targetKey(target(1))).toMatch(/^[\w-]{43}$/);
  expect(targetKey(target(1))).not.toBe(targetKey(target(2)));
});
