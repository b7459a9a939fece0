import { describe, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { aTarget } from '../../../../test/support/engine/mediamtxEngine.js';
import { FAKE_RELAY_HOST, FakeRelay } from '../../../../test/support/relay/fakeRelay.js';
import type { CameraMode } from '../../../core/camera/camera.js';
import { pullPath, type PathConfig } from '../paths/pathConfig.js';
import { relayPath } from '../paths/relayLine.js';
import { OtherRelay } from './otherRelay.js';

interface Rig {
  readonly relay: FakeRelay;
  readonly other: OtherRelay;
  /** Cameras whose line was requested from MediaMTX. */
  readonly asked: string[];
  line: PathConfig | null;
  isAway: boolean;
  isStandby: boolean;
  readonly lookLater: (ms?: number) => Promise<void>;
}

function rig(mode: CameraMode = 'on-demand'): Rig {
  const clock = new TurnedClock();
  const relay = new FakeRelay();
  const made: Rig = {
    ...{ relay, asked: [], line: null, isAway: false, isStandby: true },
    other: new OtherRelay({
      ...{ clock, relay },
      client: {
        pathConfig: (name) => {
          made.asked.push(name);
          return made.isAway ? Promise.reject(new Error('away')) : Promise.resolve(made.line);
        },
      },
      isStandby: () => made.isStandby,
      streams: () =>
        new Map([
          ['front', { mode: 'always-on', inForce: aTarget(), candidate: null }],
          ['gate', { mode, inForce: aTarget(), candidate: null }],
          ['yard', { mode, inForce: aTarget(), candidate: null }],
        ]),
    }),
    lookLater: async (ms = 10_000) => {
      await clock.advance(ms);
      await made.other.check();
    },
  };
  return made;
}

const lineTo = (host: string): PathConfig => relayPath(`rtsp://${host}/gate`);

describe('the relay of the process that writes the lines', () => {
  test('is ours, or cameras are pulled directly: nothing is said', async () => {
    const made = rig();
    for (const line of [lineTo(FAKE_RELAY_HOST), pullPath('rtmp://cloud.example.org/live/gate', 'watched')]) {
      made.line = line;
      await made.lookLater();
      expect(made.other.problem).toBeNull();
    }
    expect(made.asked).toEqual(['gate', 'gate']);
  });

  test.each(['mediamtx:another-secret@127.0.0.1:9', 'mediamtx:relay-secret@localhost:9'])(
    'is another one, or ours by another address (%s): it is said with the cure and without the secret, until it is over',
    async (host) => {
      const made = rig();
      made.line = lineTo(host);
      await made.lookLater();
      expect(made.other.problem).toMatch(/another relay .* same RELAY_URL/);
      expect(made.other.problem).not.toContain('secret@');
      made.isAway = true;
      await made.lookLater();
      expect(made.other.problem).not.toBeNull();
      Object.assign(made, { isAway: false, line: lineTo(FAKE_RELAY_HOST) });
      await made.lookLater();
      expect(made.other.problem).toBeNull();
    },
  );

  test('does not matter to the owner, which writes its lines anew, and to a replica whose relay is away', async () => {
    const made = rig();
    made.line = lineTo('mediamtx:another-secret@127.0.0.1:9');
    await made.lookLater();
    made.isStandby = false;
    expect(made.other.problem).toBeNull();
    await made.lookLater();
    made.isStandby = true;
    made.relay.fail();
    await made.lookLater();
    expect(made.asked).toHaveLength(1);
  });

  test('is asked for every ten seconds, and seldom where MediaMTX has no such path', async () => {
    const made = rig();
    await made.lookLater();
    await made.lookLater(1_000);
    await made.lookLater(88_000);
    expect(made.asked).toHaveLength(1);
    made.line = lineTo(FAKE_RELAY_HOST);
    await made.lookLater(1_000);
    await made.lookLater(9_000);
    await made.lookLater(1_000);
    expect(made.asked).toHaveLength(3);
    const direct = rig('direct');
    await direct.lookLater();
    expect(direct.asked).toEqual([]);
  });
});
