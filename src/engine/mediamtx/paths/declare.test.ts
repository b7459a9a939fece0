import { describe, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { sameTracks, type AudioTrack, type StreamTracks } from '../../../core/camera/tracks.js';
import type { PathReply } from '../api/replies.js';
import { seenTracks } from '../api/seenTracks.js';
import { Feeders } from '../carried/feeders.js';
import { RtspAddress } from '../carried/rtsp.js';
import { declare, type DeclareFacts } from './declare.js';
import { declaredTracks, soundOfKey, tracksKey } from './declaredTracks.js';
import { publicPath, pullPath } from './pathConfig.js';

const stream = (audio: AudioTrack | null = null, codec = 'H264'): StreamTracks => ({
  video: { codec, width: 640, height: 360 },
  audio,
});
const aac = (sampleRate: number): AudioTrack => ({ codec: 'AAC', sampleRate, channels: 1 });

describe('how a public path is declared', () => {
  const facts = (more: Partial<DeclareFacts>): DeclareFacts => ({
    isServed: true,
    tracks: stream(),
    current: undefined,
    slate: null,
    slateMayCome: false,
    ...more,
  });

  test('by its slate, which is waited for, and by its tracks where none can come', () => {
    expect(declare(facts({ slate: '/s/gate.h264.mp4' }))).toEqual({ file: '/s/gate.h264.mp4' });
    expect(declare(facts({ slateMayCome: true }))).toBe('unknown');
    expect(declare(facts({}))).toEqual({ tracks: [{ codec: 'H264' }] });
    expect(declare(facts({ tracks: null, slate: '/s/gate.h264.mp4' }))).toBe('unknown');
  });

  test('one that takes the tracks already stays as it is, whatever would be better', () => {
    const byTracks = publicPath({ tracks: [{ codec: 'H264', sampleRate: 0, channelCount: 0, muLaw: false }] });
    expect(declare(facts({ current: byTracks, slate: '/s/gate.h264.mp4' }))).toHaveProperty('tracks');
    const byFile = publicPath({ file: '/old/gate.h264.mp4' });
    expect(declare(facts({ current: byFile, slate: '/s/gate.h264.mp4' }))).toEqual({ file: '/old/gate.h264.mp4' });
    expect(
      declare(facts({ current: byFile, tracks: stream(aac(16_000)), slate: '/s/g.h264-aac-16000-1.mp4' })),
    ).toEqual({
      file: '/s/g.h264-aac-16000-1.mp4',
    });
    expect(declare(facts({ current: pullPath('rtmp://h/a#b', 'watched') }))).toEqual({ tracks: [{ codec: 'H264' }] });
  });

  test('when nothing is served it stays, or comes back with any slate of the camera', () => {
    const idle = { isServed: false, tracks: null };
    expect(declare(facts({ ...idle, current: publicPath({ file: '/s/x.h264.mp4' }) }))).toEqual({
      file: '/s/x.h264.mp4',
    });
    expect(declare(facts({ ...idle, slate: '/s/x.h264.mp4' }))).toEqual({ file: '/s/x.h264.mp4' });
    expect(declare(facts(idle))).toBe('unknown');
  });

  test.each<[string, StreamTracks, unknown]>([
    ['AAC', stream(aac(48_000)), [{ codec: 'H264' }, { codec: 'MPEG4Audio', sampleRate: 48_000, channelCount: 1 }]],
    ['AAC too low for a declaration', stream(aac(16_000)), null],
    [
      'G711',
      stream({ codec: 'PCMU', sampleRate: 8_000, channels: 1 }),
      [{ codec: 'H264' }, { codec: 'G711', sampleRate: 8_000, channelCount: 1, muLaw: true }],
    ],
    ['Opus', stream({ codec: 'Opus', sampleRate: 48_000, channels: 2 }), [{ codec: 'H264' }, { codec: 'Opus' }]],
    ['H265', stream(null, 'H265'), [{ codec: 'H265' }]],
    ['a picture of no use', stream(null, 'M-JPEG'), null],
  ])('tracks with %s', (_, tracks, declared) => {
    expect(declaredTracks(tracks)).toEqual(declared);
    expect(declare(facts({ tracks }))).toEqual(declared === null ? 'impossible' : { tracks: declared });
  });

  test('streams have one key when they can take each other’s place, and the key tells the sound', () => {
    const all = [
      stream(),
      stream(aac(16_000)),
      stream(aac(48_000)),
      { ...stream(), video: { codec: 'H264', width: 2, height: 2 } },
    ];
    for (const a of all) for (const b of all) expect(tracksKey(a) === tracksKey(b)).toBe(sameTracks(a, b));
    expect(soundOfKey(tracksKey(stream(aac(16_000))))).toEqual(aac(16_000));
    expect(soundOfKey(tracksKey(stream()))).toBeNull();
  });
});

describe('what a feeder shows', () => {
  const path = (more: Partial<PathReply>): PathReply => ({
    name: '_lease/gate/1',
    available: true,
    online: true,
    source: null,
    inboundBytes: 0,
    tracks2: [{ codec: 'H264', codecProps: { width: 640, height: 360 } }],
    readers: [],
    ...more,
  });

  test('MediaMTX’s names become ours', () => {
    const sound = { codec: 'G711', codecProps: { sampleRate: 8_000, channelCount: 1, muLaw: false } };
    const tracks2 = [...path({}).tracks2, sound];
    expect(seenTracks(path({ tracks2 }))?.audio).toEqual({ codec: 'PCMA', sampleRate: 8_000, channels: 1 });
    expect(seenTracks(path({ tracks2: [sound] }))).toBeNull();
    expect(seenTracks(path({ available: false }))).toBeNull();
  });

  test('it starts, flows while its bytes grow, and has stopped 5 s after they do not', async () => {
    const clock = new TurnedClock(new Date('2026-01-05T08:00:00Z'));
    let news = 0;
    const feeders = new Feeders(clock, () => (news += 1));
    feeders.keep(['_lease/gate/1']);
    expect(feeders.flowOf('_lease/gate/1')).toBe('starting');
    feeders.see(path({ inboundBytes: 100 }));
    expect(feeders.flowOf('_lease/gate/1')).toBe('starting');
    feeders.see(path({ inboundBytes: 200 }));
    expect(feeders.flowOf('_lease/gate/1')).toBe('flowing');
    await clock.advance(6_000);
    feeders.see(path({ inboundBytes: 200 }));
    expect(feeders.flowOf('_lease/gate/1')).toBe('stopped');
    // MediaMTX opened the source again and counts from 0.
    feeders.see(path({ inboundBytes: 10 }));
    expect(feeders.flowOf('_lease/gate/1')).toBe('flowing');
    expect(news).toBe(1);
    feeders.see(path({ name: '_lease/yard/1', inboundBytes: 10 }));
    expect(feeders.tracksOf('_lease/yard/1')).toBeNull();
  });

  test('one that never shows anything has stopped after 15 s', async () => {
    const clock = new TurnedClock(new Date('2026-01-05T08:00:00Z'));
    const feeders = new Feeders(clock, () => undefined);
    feeders.keep(['_lease/gate/1']);
    await clock.advance(16_000);
    expect(feeders.flowOf('_lease/gate/1')).toBe('stopped');
  });
});

describe('where RTSP is, with the login that each way needs', () => {
  const USERS = {
    api: { name: 'api', pass: 'a' },
    publish: { name: 'publisher', pass: 'p' },
    read: { name: 'reader', pass: 'r' },
  };
  const at = (rtspAddress: string, apiUrl: string, more = {}): RtspAddress | null =>
    RtspAddress.of({ rtsp: true, rtspAddress, rtspEncryption: 'no', ...more }, apiUrl, () => USERS);
  const HERE = 'http://127.0.0.1:9997';

  test.each([
    [':8554', HERE, '127.0.0.1:8554', '127.0.0.1:8554'],
    ['127.0.0.1:18554', HERE, '127.0.0.1:18554', '127.0.0.1:18554'],
    ['192.168.1.9:8554', HERE, '192.168.1.9:8554', '192.168.1.9:8554'],
    [':8554', 'http://mediamtx:9997', '127.0.0.1:8554', 'mediamtx:8554'],
    ['127.0.0.1:8554', 'http://mediamtx:9997', '127.0.0.1:8554', null],
  ])('%s with the API at %s', (address, apiUrl, inside, fromHere) => {
    const rtsp = at(address, apiUrl);
    expect(rtsp?.forwardTo('gate')).toBe(`rtsp://publisher:p@${inside}/gate`);
    expect(rtsp?.readFrom('gate', 7)).toBe(fromHere && `rtsp://reader:r@${fromHere}/_lease/gate/7`);
    expect(rtsp?.bridgeFrom('gate', 7)).toBe(`rtsp://reader:r@${inside}/_lease/gate/7`);
  });

  test('nowhere when it is off or takes encrypted connections only', () => {
    expect(at(':8554', HERE, { rtsp: false })).toBeNull();
    expect(at(':8554', HERE, { rtspEncryption: 'strict' })).toBeNull();
  });
});
