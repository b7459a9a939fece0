import { describe, expect, test } from 'vitest';
import { aTarget, streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import type { PullTarget } from '../../../core/streams/pullTarget.js';
import type { DesiredStream, DesiredStreams } from '../../../core/streams/streams.js';
import { apiSteps } from '../write/apiSteps.js';
import { desiredPaths, isFed, type PathWorld, type RelayWorld } from './desiredPaths.js';
import { diffPaths, movesForward } from './diffPaths.js';
import { relayPath } from './relayLine.js';
import { bridgePath, feederPath, publicPath, pullPath, type PathConfig, type PathConfigs } from './pathConfig.js';

const now = new Date('2026-01-05T08:00:00Z');
const living = { endsAt: new Date('2026-01-05T09:00:00Z') };
const tracks = [{ codec: 'H264' }];

function world(more: Partial<PathWorld> = {}): PathWorld {
  return {
    own: new Map(),
    forwardTo: (cameraId) => `rtsp://127.0.0.1:8554/${cameraId}`,
    declare: () => ({ tracks }),
    leaving: () => null,
    bridge: () => 'keep',
    bridgeFrom: (cameraId, revision) => `rtsp://reader:secret@127.0.0.1:8554/_lease/${cameraId}/${revision}`,
    ...more,
  };
}

const lease = (revision: number): PullTarget =>
  aTarget({ ...living, revision, url: `rtmp://h/app/S_1_1?e=${revision}` });
const feeder = (revision: number, forwards: boolean): ReturnType<typeof feederPath> =>
  feederPath(`rtmp://h/app#S_1_1?e=${revision}`, forwards ? 'rtsp://127.0.0.1:8554/gate' : null);
const carried = (more: Partial<DesiredStream>): DesiredStreams =>
  new Map([['gate', { mode: 'always-on', inForce: null, candidate: null, ...more }]]);

describe('with a relay', () => {
  const line = relayPath('rtsp://mediamtx:secret@127.0.0.1:9/gate');
  const direct = (revision: number): PathConfigs =>
    new Map([['gate', pullPath(`rtmp://h/app#S_1_1?e=${revision}`, 'watched')]]);
  const bridge: PathConfigs = new Map([
    ['gate', bridgePath('rtsp://reader:secret@127.0.0.1:8554/_lease/gate/1')],
    ['_lease/gate/1', feeder(1, false)],
  ]);
  const relay = (mayMove: boolean): RelayWorld => ({ line: () => line, mayMove: () => mayMove });

  test.each<[string, Partial<PathWorld>, PullTarget | null]>([
    ['is new', {}, lease(1)],
    ['has no lease', {}, null],
    ['has a lease that ended', {}, aTarget({ endsAt: now })],
    ['has it already', { own: new Map([['gate', line]]) }, lease(2)],
    ['was pulled directly and is not watched', { own: direct(1), relay: relay(true) }, lease(1)],
    ['was pulled directly by a lease that is not in force any more', { own: direct(1) }, lease(2)],
    ['was bridged and is not watched', { own: bridge, relay: relay(true) }, lease(1)],
    ['was bridged, and its feeder shows nothing', { own: bridge, bridge: () => 'end' }, lease(1)],
    ['was published to until now', { own: new Map([['gate', publicPath({ tracks })]]) }, lease(1)],
  ])('a camera that %s gets the one constant line', (_, more, inForce) => {
    const { paths, refused } = desiredPaths(streamsOf({ gate: inForce }), now, world({ relay: relay(false), ...more }));
    expect([[...paths], refused]).toEqual([[['gate', line]], []]);
  });

  const sounding = (codec: string): PullTarget => ({
    ...lease(1),
    tracks: { video: { codec: 'H264', width: 320, height: 180 }, audio: { codec, sampleRate: 16_000, channels: 1 } },
  });
  const second = relayPath('rtsp://mediamtx:secret@127.0.0.1:9/_sound/gate');
  const derives: RelayWorld = { ...relay(false), derives: true };

  test.each<[string, PullTarget | null, Partial<PathWorld>, boolean]>([
    ['AAC', sounding('AAC'), {}, true],
    ['G.711', sounding('PCMA'), {}, true],
    ['Opus, which both protocols carry', sounding('Opus'), {}, false],
    ['AAC, where the relay cannot transcode', sounding('AAC'), { relay: relay(false) }, false],
    ['tracks that are not known yet', lease(1), {}, false],
    ['no lease for a while', null, { own: new Map([['_sound/gate', second]]) }, true],
  ])('a camera with %s has a line for its second sound: %s', (_, inForce, more, has) => {
    const { paths } = desiredPaths(streamsOf({ gate: inForce }), now, world({ relay: derives, ...more }));
    expect([...paths]).toEqual([['gate', line], ...(has ? [['_sound/gate', second]] : [])]);
  });

  test('a camera without its sound has no second one', () => {
    const [[id, stream] = ['', null]] = streamsOf({ gate: sounding('AAC') });
    const silent: DesiredStreams = new Map(
      stream && [[id, { ...stream, relaying: { whenGone: 'slate', cap: null, sound: 'off' } }]],
    );
    expect([...desiredPaths(silent, now, world({ relay: derives })).paths.keys()]).toEqual(['gate']);
  });

  test.each<[string, Partial<PathWorld>]>([
    ['is pulled directly', { own: direct(1) }],
    ['is bridged', { own: bridge }],
  ])('a watched camera that %s stays as it is while its lease is in force', (_, more) => {
    const { paths } = desiredPaths(streamsOf({ gate: lease(1) }), now, world({ relay: relay(false), ...more }));
    expect(new Map(paths)).toEqual(more.own);
  });

  describe('a camera of which a person gave the URL', () => {
    const given = { ...lease(1), givenBy: 'person', endsAt: null } as const;
    const always = relayPath('rtsp://mediamtx:secret@127.0.0.1:9/gate', 'always');
    const either: RelayWorld = { line: (_id, _own, when) => (when === 'always' ? always : line), mayMove: () => false };

    test.each([
      ['on-demand', line],
      ['direct', line],
      ['always-on', always],
      ['seamless', always],
    ] as const)('reads the relay as %s, also where it was pulled directly and is watched', (mode, wanted) => {
      const streams: DesiredStreams = new Map([['gate', { mode, inForce: given, candidate: null }]]);
      const own: PathConfigs = new Map([...direct(1), ['_lease/gate/1', feeder(1, true)]]);
      expect([...desiredPaths(streams, now, world({ relay: either, own })).paths]).toEqual([['gate', wanted]]);
      const without = desiredPaths(streams, now, world({ own }));
      expect([without.paths.size, without.refused]).toMatchObject([0, [{ code: 'ENGINE_NO_RELAY' }]]);
      expect(isFed('gate', { mode, inForce: given, candidate: null }, now, world())).toBe(false);
    });

    test('may have any kind of URL, since MediaMTX does not get it', () => {
      const streams = streamsOf({ gate: { ...given, url: 'rtsp://admin:x@10.0.0.9/ch/1?a=$G' } });
      expect(desiredPaths(streams, now, world({ relay: either }))).toMatchObject({ refused: [] });
    });
  });

  describe('a seamless camera', () => {
    const kept = relayPath('rtsp://mediamtx:secret@127.0.0.1:9/gate', 'always');
    const seamless = (more: Partial<DesiredStream>): DesiredStreams => carried({ mode: 'seamless', ...more });
    const keeping = (mayMove: boolean): RelayWorld => ({
      line: (_id, _current, when) => (when === 'always' ? kept : line),
      mayMove: () => mayMove,
    });
    const byFeeder = (forwards: boolean): PathConfigs =>
      new Map<string, PathConfig>([
        ['gate', publicPath({ tracks })],
        ['_lease/gate/1', feeder(1, forwards)],
      ]);

    test.each<[string, Partial<PathWorld>, PullTarget | null]>([
      ['is new', {}, lease(1)],
      ['has no lease', {}, null],
      ['has it already', { own: new Map([['gate', kept]]) }, lease(2)],
      ['was pulled on demand', { own: new Map([['gate', line]]) }, lease(1)],
      ['was pulled directly', { own: direct(1) }, lease(1)],
      ['was brought by a feeder and is not watched', { own: byFeeder(true), relay: keeping(true) }, lease(1)],
      ['was brought by a feeder whose lease is not in force any more', { own: byFeeder(true) }, lease(2)],
      ['was brought by a feeder and its lease ended', { own: byFeeder(true) }, null],
      ['was brought by the splice, which is gone, so that no feeder forwards', { own: byFeeder(false) }, lease(1)],
    ])('that %s gets the one constant line, which is always pulled, and no feeder', (_, more, inForce) => {
      const { paths, refused } = desiredPaths(seamless({ inForce }), now, world({ relay: keeping(false), ...more }));
      expect([[...paths], refused]).toEqual([[['gate', kept]], []]);
    });

    test('that is watched and brought by a feeder stays so while its lease is in force', () => {
      const more = { own: byFeeder(true), relay: keeping(false) };
      const { paths } = desiredPaths(seamless({ inForce: lease(1) }), now, world(more));
      expect(Object.fromEntries(paths)).toEqual(Object.fromEntries(byFeeder(true)));
    });

    test.each([
      ['there is no relay', null],
      ['its line is not known yet', { line: () => null, mayMove: () => true }],
    ])('is as an always-on one where %s', (_, relay) => {
      const leases = { inForce: lease(7), candidate: lease(8) };
      const without = world({ relay, own: new Map([['gate', kept]]) });
      const { paths } = desiredPaths(seamless(leases), now, without);
      expect(paths).toEqual(desiredPaths(carried(leases), now, world()).paths);
    });
  });

  test('a camera is pulled directly where it says so, or the line is not known yet', () => {
    const asked = carried({ mode: 'direct', inForce: lease(1) });
    expect(desiredPaths(asked, now, world({ relay: relay(true) })).paths).toEqual(direct(1));
    const unknown = { line: () => null, mayMove: () => true };
    expect(desiredPaths(streamsOf({ gate: lease(1) }), now, world({ relay: unknown })).paths).toEqual(direct(1));
  });
});

describe('on-demand', () => {
  test('a camera with a living lease gets a path that is pulled on demand', () => {
    const { paths, refused } = desiredPaths(streamsOf({ gate: lease(1) }), now, world());
    expect([...paths]).toEqual([['gate', pullPath('rtmp://h/app#S_1_1?e=1', 'watched')]]);
    expect(refused).toEqual([]);
  });

  test('an expired lease and no lease give no path', () => {
    expect(desiredPaths(streamsOf({ gate: aTarget({ endsAt: now }), yard: null }), now, world()).paths.size).toBe(0);
  });

  test.each(['_inner', 'all', 'all_others', '~x', '../x', 'a//b', 'a/', '카메라', 'a b', 'a"b'])(
    'a camera with the id %j is refused with a cure, and the others are served',
    (id) => {
      const { paths, refused } = desiredPaths(
        streamsOf({ [id]: aTarget(living), gate: aTarget(living) }),
        now,
        world(),
      );
      expect([...paths.keys()]).toEqual(['gate']);
      expect(refused).toMatchObject([{ cameraId: id, cure: expect.stringContaining('letters') as string }]);
    },
  );

  test('a camera whose address cannot be pulled is refused, and the sentence does not hold the address', () => {
    const streams = streamsOf({ gate: aTarget({ ...living, url: 'http://secret.example/x' }) });
    const { refused } = desiredPaths(streams, now, world());
    expect(refused).toHaveLength(1);
    expect(JSON.stringify(refused)).not.toContain('secret');
  });
});

describe('a new lease of a watched on-demand camera', () => {
  const direct = (revision: number): PathConfig => pullPath(`rtmp://h/app#S_1_1?e=${revision}`, 'watched');
  const bridge = (revision: number): PathConfig =>
    bridgePath(`rtsp://reader:secret@127.0.0.1:8554/_lease/gate/${revision}`);
  const pathsOf = (inForce: PullTarget, more: Partial<PathWorld>): Readonly<Record<string, PathConfig>> =>
    Object.fromEntries(desiredPaths(streamsOf({ gate: inForce }), now, world(more)).paths);
  const before = new Map([['gate', direct(7)]]);
  const bridged = new Map([
    ['gate', bridge(7)],
    ['_lease/gate/7', feeder(7, false)],
  ]);

  test('is pulled by a feeder beside the old one first, which may have a feeder itself', () => {
    const leaving = (): PullTarget => lease(7);
    expect(pathsOf(lease(8), { own: before, leaving })).toEqual({ gate: direct(7), '_lease/gate/8': feeder(8, false) });
    expect(pathsOf(lease(8), { own: bridged, leaving })).toEqual({
      ...Object.fromEntries(bridged),
      '_lease/gate/8': feeder(8, false),
    });
  });

  test('is read from there by the public path then, and the old one is gone', () => {
    const expected = { gate: bridge(8), '_lease/gate/8': feeder(8, false) };
    expect(pathsOf(lease(8), { own: before, bridge: () => 'begin' })).toEqual(expected);
    expect(pathsOf(lease(8), { own: bridged, bridge: () => 'begin' })).toEqual(expected);
  });

  test('does not keep a dead lease waiting for it, nor one of which nothing is configured', () => {
    expect(pathsOf(lease(8), { own: before, leaving: () => aTarget({ ...lease(7), endsAt: now }) })).toEqual({
      gate: direct(8),
    });
    expect(pathsOf(lease(8), { own: before, leaving: () => lease(6) })).toEqual({ gate: direct(8) });
  });

  test('stays a bridge until it is ended, and another lease ends it', () => {
    expect(pathsOf(lease(7), { own: bridged })).toEqual(Object.fromEntries(bridged));
    expect(pathsOf(lease(7), { own: bridged, bridge: () => 'end' })).toEqual({ gate: direct(7) });
    expect(pathsOf(lease(8), { own: bridged })).toEqual({ gate: direct(8) });
    expect(pathsOf(aTarget({ ...lease(7), endsAt: now }), { own: bridged })).toEqual({});
  });

  test('stays one while it is not known where MediaMTX reads itself, and is none where it does not', () => {
    expect(pathsOf(lease(7), { own: bridged, bridgeFrom: undefined })).toEqual(Object.fromEntries(bridged));
    expect(pathsOf(lease(7), { own: bridged, bridgeFrom: null })).toEqual({ gate: direct(7) });
  });

  test('is no reason to drop anybody when the camera is set to always-on and its tracks are not known yet', () => {
    const streams = carried({ inForce: lease(7) });
    const { paths } = desiredPaths(streams, now, world({ own: bridged, declare: () => 'unknown' }));
    expect(Object.fromEntries(paths)).toEqual(Object.fromEntries(bridged));
  });
});

describe('always-on', () => {
  test('the lease in force has a feeder that forwards to the public path, and a candidate one that does not', () => {
    const { paths } = desiredPaths(carried({ inForce: lease(7), candidate: lease(8) }), now, world());
    expect(Object.fromEntries(paths)).toEqual({
      gate: publicPath({ tracks }),
      '_lease/gate/7': feeder(7, true),
      '_lease/gate/8': feeder(8, false),
    });
  });

  test('until its tracks are known there is a feeder alone', () => {
    const { paths } = desiredPaths(carried({ inForce: lease(7) }), now, world({ declare: () => 'unknown' }));
    expect([...paths]).toEqual([['_lease/gate/7', feeder(7, false)]]);
  });

  test('until then, a path from when the camera was on-demand stays, but not with another lease', () => {
    const own = new Map([['gate', pullPath('rtmp://h/app#S_1_1?e=7', 'watched')]]);
    const facts = world({ own, declare: () => 'unknown' });
    expect(desiredPaths(carried({ inForce: lease(7) }), now, facts).paths.get('gate')).toEqual(own.get('gate'));
    expect(desiredPaths(carried({ inForce: lease(8) }), now, facts).paths.has('gate')).toBe(false);
  });

  test('an expired lease leaves the public path with its slate and nothing that pulls', () => {
    const streams = carried({ inForce: aTarget({ endsAt: now }), candidate: aTarget({ endsAt: now }) });
    expect([...desiredPaths(streams, now, world()).paths.keys()]).toEqual(['gate']);
  });

  test('a new lease has a feeder beside the one that forwards until it is warm, while that one lives', () => {
    const own = desiredPaths(carried({ inForce: lease(7) }), now, world()).paths;
    const streams = carried({ inForce: lease(8), candidate: lease(9) });
    const { paths } = desiredPaths(streams, now, world({ own, leaving: () => lease(7) }));
    expect(Object.fromEntries(paths)).toEqual({
      ...Object.fromEntries(own),
      '_lease/gate/8': feeder(8, false),
      '_lease/gate/9': feeder(9, false),
    });
    const dead = (): PullTarget => aTarget({ ...lease(7), endsAt: now });
    const after = desiredPaths(carried({ inForce: lease(8) }), now, world({ own, leaving: dead })).paths;
    expect(Object.fromEntries(after)).toEqual({ gate: publicPath({ tracks }), '_lease/gate/8': feeder(8, true) });
  });

  test('without RTSP, and with tracks that MediaMTX cannot declare, it is refused with a cure', () => {
    const off = desiredPaths(carried({ inForce: lease(1) }), now, world({ forwardTo: null }));
    expect(off).toMatchObject({
      refused: [{ cameraId: 'gate', code: 'ENGINE_RTSP_OFF', cure: expect.stringContaining('rtsp: yes') as string }],
    });
    const odd = desiredPaths(carried({ inForce: lease(1) }), now, world({ declare: () => 'impossible' }));
    expect(odd).toMatchObject({ refused: [{ cameraId: 'gate', cure: expect.stringContaining('AAC') as string }] });
    expect(off.paths.size + odd.paths.size).toBe(0);
  });
});

describe('the difference', () => {
  test('removes first, and leaves alone what is the same', () => {
    const a = pullPath('rtmp://h/a#1', 'watched');
    const b = pullPath('rtmp://h/a#2', 'watched');
    const changes = diffPaths(
      new Map(Object.entries({ gone: a, same: a, other: a })),
      new Map(Object.entries({ new: a, same: a, other: b })),
    );
    expect(changes).toEqual([
      { action: 'remove', name: 'gone' },
      { action: 'add', name: 'new', config: a },
      { action: 'replace', name: 'other', config: b },
    ]);
    expect(movesForward(new Map(), changes)).toBe(false);
  });

  test('a handover touches the feeders alone, and is known as one', () => {
    const before = desiredPaths(carried({ inForce: lease(7), candidate: lease(8) }), now, world()).paths;
    const after = desiredPaths(carried({ inForce: lease(8) }), now, world({ own: before })).paths;
    const changes = diffPaths(before, after);
    expect(changes).toEqual([
      { action: 'remove', name: '_lease/gate/7' },
      { action: 'forward', name: '_lease/gate/8', config: feeder(8, true) },
    ]);
    expect(movesForward(before, changes)).toBe(true);
  });

  test('write by write, a new feeder forwards before the old one stops, camera by camera, and goes after that', () => {
    const ids = ['gate', 'yard'];
    const streams = (revision: number, candidate: number | null): DesiredStreams =>
      new Map(
        ids.map((id) => [
          id,
          { mode: 'always-on', inForce: lease(revision), candidate: candidate === null ? null : lease(candidate) },
        ]),
      );
    const before = desiredPaths(streams(7, 8), now, world()).paths;
    const after = desiredPaths(streams(8, null), now, world({ own: before })).paths;
    const steps = apiSteps(before, diffPaths(before, after));
    expect(steps.map(({ action, name }) => `${action} ${name}`)).toEqual([
      'forward _lease/gate/8',
      'forward _lease/gate/7',
      'forward _lease/yard/8',
      'forward _lease/yard/7',
      'remove _lease/gate/7',
      'remove _lease/yard/7',
    ]);
  });
});
