import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeMediaMtx, mediaMtxProgram, until } from '../../../test/support/engine/mediamtx.js';
import { startRelayRig } from '../../../test/support/relay/relayRig.js';

const run = promisify(execFile);

function hasFfmpeg(): boolean {
  try {
    return execFileSync('ffmpeg', ['-hide_banner', '-encoders'], { stdio: ['ignore', 'pipe', 'ignore'] }).includes(
      'libx265',
    );
  } catch {
    process.stderr.write('no ffmpeg with libx265 on PATH: the relay is not tested with real codecs by RTSP\n');
    return false;
  }
}

const AVC = ['-c:v', 'libx264', '-g', '25', '-bf', '2', '-preset', 'ultrafast', '-b_strategy', '0'];
const HEVC = [
  '-c:v',
  'libx265',
  '-g',
  '25',
  '-preset',
  'ultrafast',
  '-x265-params',
  'log-level=none:bframes=0:open-gop=0',
];

describe.skipIf(mediaMtxProgram === null || !hasFfmpeg())('a camera by RTSP, through the relay and MediaMTX', () => {
  it.each([
    ['H.264 with B-frames and AAC', AVC, ['-c:a', 'aac', '-ar', '44100'], ['h264', 'aac', '44100']],
    ['H.265 and Opus', HEVC, ['-c:a', 'libopus', '-ar', '48000', '-ac', '2'], ['hevc', 'opus', '48000']],
    [
      'H.264 and G.711 of 16 kHz',
      [...AVC, '-bf', '0'],
      ['-c:a', 'pcm_alaw', '-ar', '16000'],
      ['h264', 'pcm_alaw', '16000'],
    ],
  ])('in %s is decoded without an error', { timeout: 120_000 }, async (_, video, audio, expected) => {
    const camera = await makeMediaMtx('hls: no\nwebrtc: no\npaths: {cam: {}}\n');
    onTestFinished(() => camera.stop());
    await camera.start();
    const address = `rtsp://127.0.0.1:${camera.ports.rtsp}/cam`;
    const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-re', '-f', 'lavfi', '-i', 'sine'];
    const sender = spawn(
      'ffmpeg',
      [
        '-v',
        'error',
        ...source,
        '-pix_fmt',
        'yuv420p',
        ...video,
        ...audio,
        '-f',
        'rtsp',
        '-rtsp_transport',
        'tcp',
        address,
      ],
      { stdio: 'ignore' },
    );
    onTestFinished(async () => {
      const gone = once(sender, 'exit');
      if (sender.kill('SIGKILL')) await gone;
    });
    await until(async () => {
      const { ready } = (await (await fetch(`${camera.apiUrl}/v3/paths/get/cam`)).json()) as { ready?: boolean };
      return ready === true;
    });
    const rig = await startRelayRig({ play: 'camera', cameraName: 'Gate', clipKey: 'S1' });
    onTestFinished(() => rig.stop());
    const target = { url: address, givenBy: 'cloud', revision: 1, endsAt: null, tracks: null } as const;
    rig.stream.setCamera({ target, candidate: null, whenGone: 'slate', cap: null });
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-rtsp_transport', 'tcp', '-show_entries', 'stream=codec_name,sample_rate', '-of', 'csv=p=0'],
      rig.address,
    ]);
    expect(stdout.split(/[\n,]/).filter((text) => text !== '' && text !== '0/0')).toEqual(
      expect.arrayContaining(expected),
    );
    const decoded = await run('ffmpeg', [
      ...['-v', 'error', '-rtsp_transport', 'tcp', '-i', rig.address, '-t', '4', '-f', 'framemd5', '-'],
    ]);
    const frames = (track: number): number =>
      decoded.stdout.split('\n').filter((line) => line.startsWith(`${track},`)).length;
    expect(frames(0)).toBeGreaterThan(60);
    expect(frames(1)).toBeGreaterThan(30);
    // A reader that joins H.265 between two key frames misses references up to the next one, of MediaMTX alone as well.
    expect(decoded.stderr.replaceAll(/.*Could not find ref with POC.*/g, '')).not.toMatch(
      /error while decoding|corrupt|missing/i,
    );
  });
});
