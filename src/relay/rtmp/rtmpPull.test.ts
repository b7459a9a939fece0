import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { StreamVerdict } from '../../../simulator/origin/types.js';
import {
  aCommand,
  aStatus,
  oddRtmpServer,
  oneChunk,
  WELCOME,
  type OddAnswers,
  type OddServer,
} from '../../../test/support/relay/oddRtmpServer.js';
import {
  AUDIO,
  avc,
  delta,
  hex,
  HVCC,
  key,
  lengthed,
  setup,
  START,
  VIDEO,
} from '../../../test/support/relay/rtmpMedia.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { systemClock } from '../../systemClock.js';
import { dial } from '../worker/dial.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { playAddress } from './playTarget.js';
import { RtmpPull, type PullEnd } from './rtmpPull.js';

const NAME = 'SERIAL_1_1?expire=1767600000&id=77&t=a%2Bb';
interface Pulled {
  readonly units: RelayUnit[];
  readonly pull: RtmpPull;
  readonly ended: Promise<PullEnd>;
  readonly when: (isSo: () => boolean) => Promise<void>;
}

function pullFrom(
  port: number,
  clock: { after: typeof systemClock.after; monotonicMs(): number } = systemClock,
): Pulled {
  const address = playAddress(`rtmp://127.0.0.1:${port}/v3/openlive/${NAME}`);
  if (address === null) throw new Error('no address');
  const units: RelayUnit[] = [];
  const waiting = new Set<() => void>();
  let tellEnd: (end: PullEnd) => void = () => undefined;
  const ended = new Promise<PullEnd>((resolve) => (tellEnd = resolve));
  const pull = new RtmpPull({
    address,
    dial,
    clock,
    random: () => 0.5,
    onUnit: (unit) => {
      units.push(copyOf(unit));
      for (const look of waiting) look();
    },
    onEnd: tellEnd,
  });
  onTestFinished(() => pull.stop());
  const when = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { units, pull, ended, when };
}

/** A copy to keep: a unit's bytes are valid only until `onUnit` returns. */
function copyOf(unit: RelayUnit): RelayUnit {
  if (unit.kind === 'sound') return { ...unit, data: Buffer.from(unit.data) };
  if (unit.kind === 'picture') return { ...unit, units: unit.units.map((one) => Buffer.from(one)) };
  return unit;
}

async function odd(answers: OddAnswers): Promise<OddServer> {
  const server = await oddRtmpServer(answers);
  onTestFinished(() => server.stop());
  return server;
}

/** The units that a pull delivers for these messages, as short texts. */
async function told(...toPlay: Buffer[]): Promise<string[]> {
  const server = await odd({ toPlay: [START, ...toPlay, oneChunk(VIDEO, 9_999, avc('17', 1, 0, lengthed('65aa')))] });
  const { units, when } = pullFrom(server.port);
  const isLast = (unit: RelayUnit): boolean => unit.kind === 'picture' && unit.decodeMs === 9_999;
  await when(() => units.some(isLast));
  return units.filter((unit) => !isLast(unit)).map(short);
}

function short(unit: RelayUnit): string {
  switch (unit.kind) {
    case 'picture':
      return `${unit.isKey ? 'key' : 'picture'} ${unit.decodeMs}+${unit.offsetMs} ${unit.units.map((one) => one.toString('hex')).join(',')}`;
    case 'picture-setup':
      return `${unit.setup.codec} ${unit.setup.parameterSets.map((set) => set.toString('hex')).join(',')}`;
    case 'sound-setup':
      return `${unit.setup.codec} ${unit.setup.sampleRate}/${unit.setup.channels}`;
    case 'sound':
      return `sound ${unit.timeMs} ${unit.data.toString('hex')}`;
    case 'left-out':
      return `left out ${unit.track} ${unit.codec}`;
  }
}

const SETUP = 'h264 6742c01e,68ce3c';

describe('pictures', () => {
  it('come with their times, B-frames included', async () => {
    expect(await told(setup(), key(0, 80), delta(40))).toEqual([SETUP, 'key 0+80 6588', 'picture 40+0 419a']);
  });

  it('in H.265 come in both spellings', async () => {
    const legacy = [avc('1c', 0, 0, HVCC), avc('1c', 1, 40, lengthed('2601aa'))];
    const enhanced = [
      Buffer.concat([hex('90'), Buffer.from('hvc1'), HVCC]),
      Buffer.concat([hex('93'), Buffer.from('hvc1'), lengthed('2601bb')]),
      Buffer.concat([hex('91'), Buffer.from('hvc1'), hex('000028'), lengthed('2601cc')]),
    ];
    const hevc = 'h265 4001,4201,4401';
    expect(await told(...legacy.map((body, at) => oneChunk(VIDEO, at, body)), setup(5))).toEqual([
      hevc,
      'key 1+40 2601aa',
      SETUP,
    ]);
    expect(await told(...enhanced.map((body, at) => oneChunk(VIDEO, at, body)), setup(5))).toEqual([
      hevc,
      'key 1+0 2601bb',
      'key 2+40 2601cc',
      SETUP,
    ]);
  });

  it('are keys by what they hold, whatever their flag says', async () => {
    const flagged = oneChunk(VIDEO, 40, avc('17', 1, 0, lengthed('419a')));
    const unflagged = oneChunk(VIDEO, 80, avc('27', 1, 0, lengthed('6588')));
    expect(await told(setup(), flagged, unflagged)).toEqual([SETUP, 'picture 40+0 419a', 'key 80+0 6588']);
  });

  it('lose their delimiters and filler, and keep SEI and several slices', async () => {
    const body = lengthed('09f0', '0605', '6588', '6589', '0cff');
    expect(await told(setup(), oneChunk(VIDEO, 0, avc('17', 1, 0, body)))).toEqual([SETUP, 'key 0+0 0605,6588,6589']);
  });

  it('are taken with start codes too', async () => {
    const body = hex('00000001 6742c01e 00000001 68ce3c 000001 6588');
    expect(await told(setup(), oneChunk(VIDEO, 0, avc('17', 1, 0, body)))).toEqual([
      SETUP,
      'key 0+0 6742c01e,68ce3c,6588',
    ]);
  });

  it('that change their size in front of a key frame alone say so', async () => {
    const body = lengthed('6742c01f', '68ce3d', '6588');
    expect(await told(setup(), oneChunk(VIDEO, 0, avc('17', 1, 0, body)))).toEqual([
      SETUP,
      'h264 6742c01f,68ce3d',
      'key 0+0 6742c01f,68ce3d,6588',
    ]);
  });

  it('are not set up again by the same configuration, nor shown before there is one', async () => {
    expect(await told(key(0), setup(40), setup(80), key(120))).toEqual([SETUP, 'key 120+0 6588']);
  });

  it('of a codec that is not carried are left out, said once', async () => {
    const vp6 = oneChunk(VIDEO, 0, hex('14 00'));
    const av1 = oneChunk(VIDEO, 0, Buffer.concat([hex('90'), Buffer.from('av01'), hex('00')]));
    expect(await told(vp6, vp6, av1, setup())).toEqual(['left out picture VP6', 'left out picture av01', SETUP]);
  });

  it('keep the steps of their times over the wrap at 32 bits', async () => {
    // Extended times: three bytes of ones, then four.
    const late = (time: number, body: Buffer): Buffer => {
      const chunk = oneChunk(VIDEO, 0xffffff, body);
      const extended = Buffer.alloc(4);
      extended.writeUInt32BE(time);
      return Buffer.concat([chunk.subarray(0, 12), extended, chunk.subarray(12)]);
    };
    const server = await odd({
      toPlay: [
        START,
        setup(0),
        late(0xfffffff0, avc('17', 1, 0, lengthed('6588'))),
        oneChunk(VIDEO, 24, avc('27', 1, 0, lengthed('419a'))),
      ],
    });
    const { units, when } = pullFrom(server.port);
    const pictures = (): RelayUnit[] => units.filter(({ kind }) => kind === 'picture');
    await when(() => pictures().length === 2);
    const [first, second] = pictures();
    if (first?.kind !== 'picture' || second?.kind !== 'picture') throw new Error('no pictures');
    expect(second.decodeMs - first.decodeMs).toBe(40);
  });
});

describe('sound', () => {
  it('in AAC comes after its configuration', async () => {
    const sound = [oneChunk(AUDIO, 0, hex('af00 1408')), oneChunk(AUDIO, 64, hex('af01 2110'))];
    expect(await told(...sound, setup())).toEqual(['aac 16000/1', 'sound 64 2110', SETUP]);
  });

  it('in AAC without a configuration is left until there is one, and ADTS brings its own', async () => {
    const adts = hex('fff1 6040 013f fc 2110');
    expect(
      await told(
        oneChunk(AUDIO, 0, hex('af01 2110')),
        oneChunk(AUDIO, 64, Buffer.concat([hex('af01'), adts])),
        setup(),
      ),
    ).toEqual(['aac 16000/1', 'sound 64 2110', SETUP]);
  });

  it.each([
    ['7e d5d5', 'pcma 8000/1', 'sound 20 d5d5'],
    ['8e ffff', 'pcmu 8000/1', 'sound 20 ffff'],
  ])('in G.711 needs none: %s', async (body, said, data) => {
    expect(await told(oneChunk(AUDIO, 20, hex(body)), setup())).toEqual([said, data, SETUP]);
  });

  it('of a codec that is not carried is left out, and the picture comes', async () => {
    expect(await told(oneChunk(AUDIO, 0, hex('b6 00')), oneChunk(AUDIO, 0, hex('62 00')), setup(), key(40))).toEqual([
      'left out sound Speex',
      'left out sound Nellymoser',
      SETUP,
      'key 40+0 6588',
    ]);
  });

  it('may come for seconds before the first picture, and metadata may promise what never comes', async () => {
    const early = Array.from({ length: 30 }, (_, at) => oneChunk(AUDIO, at * 64, hex('7e d5')));
    const metadata = oneChunk(18, 0, Buffer.from([2, 0, 10, ...Buffer.from('onMetaData'), 17, 9, 9, 9]));
    expect((await told(metadata, ...early, setup(2_000), key(2_000))).at(-1)).toBe('key 2000+0 6588');
  });
});

describe('servers', () => {
  it('get the name with its query as the cloud signed it', async () => {
    const server = await odd({ toPlay: [START, setup(), key(0)] });
    const { units, when } = pullFrom(server.port);
    await when(() => units.length === 2);
    expect(server.asked).toEqual(expect.arrayContaining(['connect', 'createStream', `play ${NAME}`]));
  });

  it('may echo nothing of the handshake, never say that the play began, and ask unknown things', async () => {
    const server = await odd({
      s2: Buffer.alloc(1_536, 9),
      toConnect: [...WELCOME, aCommand('_checkbw', 0, null), aCommand('onFCSubscribe', 0, null, {})],
      toPlay: [setup(), key(0)],
    });
    const { units, when } = pullFrom(server.port);
    await when(() => units.length === 2);
  });

  it('get their pings answered and their bytes acknowledged by the window that they name', async () => {
    const ping = oneChunk(4, 0, hex('0006 00001234'), 2, 0);
    const long = (time: number): Buffer => oneChunk(VIDEO, time, avc('27', 1, 0, lengthed('41'.repeat(120))));
    const server = await odd({ toPlay: [START, setup(), ping, ...Array.from({ length: 500 }, (_, at) => long(at))] });
    const { units, when } = pullFrom(server.port);
    await when(() => units.length === 501);
    while (!server.asked.some((one) => one.startsWith('ack ')) || !server.asked.includes('pong 4660')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it.each([
    ['NetStream.Play.StreamNotFound', 'not-found'],
    ['NetStream.Play.Failed', 'failed'],
    ['NetStream.Play.UnpublishNotify', 'ended'],
    ['NetConnection.Connect.Rejected', 'refused'],
  ])('that answer %s and stay open are told by name', async (code, why) => {
    const server = await odd({ toPlay: [aStatus(code, '4058 expired')] });
    expect(await pullFrom(server.port).ended).toEqual({ why, code, description: '4058 expired' });
  });

  it('that refuse the connection itself are told by name', async () => {
    const reason = { level: 'error', code: 'NetConnection.Connect.Rejected', description: 'no such app' };
    const server = await odd({ toConnect: [aCommand('_error', 1, null, reason)], toPlay: [] });
    expect(await pullFrom(server.port).ended).toEqual({
      why: 'refused',
      code: reason.code,
      description: reason.description,
    });
  });

  it('whose bandwidth is low go on', async () => {
    const server = await odd({ toPlay: [START, aStatus('NetStream.Play.InsufficientBW'), setup(), key(0)] });
    const { units, when } = pullFrom(server.port);
    await when(() => units.length === 2);
  });

  it('that close have ended the stream once it began, and what is no RTMP is told as such', async () => {
    const closing = await odd({ toPlay: [START], thenCloses: true });
    expect(await pullFrom(closing.port).ended).toMatchObject({ why: 'ended', code: 'CLOSED' });
    const early = await odd({ toPlay: [], thenCloses: true });
    expect(await pullFrom(early.port).ended).toMatchObject({ why: 'connection', code: 'CLOSED' });
    const web = await odd({ toPlay: [] });
    const pulled = pullFrom(web.port);
    while (web.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const socket of web.sockets) socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await pulled.ended).toMatchObject({ why: 'not-a-stream' });
  });

  it('that ask and never read the answers are ended', async () => {
    const server = await odd({ toPlay: [START, setup()] });
    const { units, when, ended } = pullFrom(server.port);
    await when(() => units.length === 1);
    const pings = Buffer.concat(Array.from({ length: 2_000 }, () => oneChunk(4, 0, hex('0006 00001234'), 2, 0)));
    const told: PullEnd[] = [];
    void ended.then((end) => told.push(end));
    for (const socket of server.sockets) socket.pause();
    for (let asked = 0; asked < 100_000_000 && told.length === 0; asked += pings.length) {
      server.send(pings);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(told).toMatchObject([{ why: 'protocol' }]);
  });

  it.each([
    ['parts of a picture without number', avc('27', 1, 0, Buffer.from('0000000141'.repeat(2_001), 'hex'))],
    ['parts with start codes', avc('27', 1, 0, Buffer.from('0000000141'.repeat(2_001) + '00000001', 'hex'))],
    [
      'parameter sets that MediaMTX cannot be told',
      avc(
        '17',
        0,
        0,
        Buffer.concat([
          hex('01 42c01e ff e2 ea60'),
          Buffer.alloc(60_000, 0x67),
          hex('ea60'),
          Buffer.alloc(60_000, 0x67),
          hex('01 0003 68ce3c'),
        ]),
      ),
    ],
  ])('that send %s are ended', async (_name, body) => {
    const server = await odd({ toPlay: [START, setup(), oneChunk(VIDEO, 40, body)] });
    expect(await pullFrom(server.port).ended).toMatchObject({ why: 'protocol' });
  });

  it.each([
    ['begin nothing', [], 'connect'],
    ['begin and send nothing', [START], 'media'],
  ])('that %s are given up after ten seconds', async (_name, toPlay, waitedFor) => {
    const server = await odd({ toPlay });
    const clock = new TurnedClock();
    const { ended } = pullFrom(server.port, clock);
    while (!server.asked.some((one) => one.startsWith('play '))) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(10_000);
    expect(await ended).toMatchObject({ why: 'silence', waitedFor });
  });

  it('that send on are kept, however long ago they began', async () => {
    const server = await odd({ toPlay: [START, setup(), key(0)] });
    const clock = new TurnedClock();
    const { units, ended, when } = pullFrom(server.port, clock);
    await when(() => units.length === 2);
    await clock.advance(9_000);
    server.send(delta(40));
    await when(() => units.length === 3);
    await clock.advance(9_000);
    server.send(delta(80));
    await when(() => units.length === 4);
    let isOver = false;
    void ended.then(() => (isOver = true));
    // A picture every nine seconds: silent means three times as long without one.
    await clock.advance(26_000);
    expect(isOver).toBe(false);
    await clock.advance(1_000);
    expect(await ended).toMatchObject({ why: 'silence', waitedFor: 'media' });
  });

  it('that nobody runs are told by the code of the system', async () => {
    const server = await odd({ toPlay: [] });
    await server.stop();
    expect(await pullFrom(server.port).ended).toMatchObject({ why: 'connection', code: 'ECONNREFUSED' });
  });
});

describe.skipIf(!nodeAvFor('RTMP pulls of real pictures'))('the simulated cloud', () => {
  it.each(['h264', 'h265'] as const)('is pulled with picture and sound in %s', async (codec) => {
    const verdict: StreamVerdict = { play: 'camera', cameraName: 'Gate', clipKey: 'S1', codec, sound: 'aac' };
    const origin = await startOrigin({ clock: systemClock, lookup: () => verdict });
    onTestFinished(() => origin.stop());
    const { units, when, pull } = pullFrom(origin.port);
    const count = (kind: RelayUnit['kind']): number => units.filter((unit) => unit.kind === kind).length;
    await when(() => count('picture') >= 20 && count('sound') >= 5);
    expect(count('picture-setup')).toBe(1);
    expect(units.find(({ kind }) => kind === 'picture')).toMatchObject({ isKey: true });
    pull.stop();
    while (origin.pulls() > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
