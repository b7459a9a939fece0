import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin, StreamVerdict } from '../../../simulator/origin/types.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { pictureFault } from '../../core/handover/proof.js';
import { systemClock } from '../../systemClock.js';
import { createMediaProcess, type MediaProcess } from '../process/mediaProcess.js';

let origin: Origin;
let media: MediaProcess;
let silent: Server;

/** The stream's name says what the origin plays. */
function verdict(streamName: string): StreamVerdict {
  const play = streamName.split('?')[0];
  const known = play === 'error-clip' || play === 'nothing' || play === 'camera';
  return { play: known ? play : 'refuse', cameraName: 'Yard', clipKey: 'yard' };
}

beforeAll(async () => {
  origin = await startOrigin({ clock: systemClock, lookup: (_app, streamName) => verdict(streamName) });
  silent = createServer().listen(0, '127.0.0.1');
  media = createMediaProcess({ clock: systemClock, proofLimitMs: 6000 });
  expect(await media.start()).toMatchObject({ available: true, problem: null });
});

afterAll(async () => {
  await media.stop();
  await origin.stop();
  silent.close();
});

describe.skipIf(!nodeAvFor('proofs by picture'))('a proof', () => {
  it('of a camera that shows a picture brings its tracks and the picture', async () => {
    const proof = await media.prove(origin.rtmpUrl('v3/openlive', 'camera?expire=1'));
    expect(proof.tracks).toEqual({ video: { codec: 'H264', width: 640, height: 360 }, audio: null });
    expect(proof.moves).toBeNull();
    expect(proof.framesPerSecond).toBeGreaterThan(5);
    expect(proof.picture.subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(proof.picture.length).toBeLessThanOrEqual(60_000);
  });

  it('that is to tell the rhythm of key frames looks on until the second one', async () => {
    const { keyFrames } = await media.prove(origin.rtmpUrl('v3/openlive', 'camera?expire=1'), undefined, 5000);
    const arrivedMs = Date.now();
    expect(keyFrames?.intervalMs).toBeCloseTo(1000, -1);
    // The origin's key frames come at full seconds of the wall clock.
    const phaseMs = (arrivedMs - (keyFrames?.ageMs ?? 0)) % 1000;
    expect(Math.min(phaseMs, 1000 - phaseMs)).toBeLessThan(250);
  });

  it("of the vendor's error clip tells every sign of it", async () => {
    const proof = await media.prove(origin.rtmpUrl('v3/openlive', 'error-clip'));
    expect(proof).toMatchObject({ tracks: { video: { width: 512, height: 288 } }, moves: false });
    expect(proof.framesPerSecond).toBeCloseTo(5, 0);
    expect(pictureFault(proof, { quality: 'main', last: null, errorClipCheck: true })).toMatchObject({
      code: 'STREAM_ERROR_CLIP',
      failureClass: 'permanent',
    });
  });

  it('of a stream that was refused says so and can be tried again, without naming its address', async () => {
    const url = origin.rtmpUrl('v3/openlive', 'gone?expire=1&t=secret');
    await expect(media.prove(url)).rejects.toMatchObject({
      code: 'STREAM_REFUSED',
      failureClass: 'retry',
      message: expect.not.stringContaining('rtmp:') as string,
    });
  });

  it('of an address where nobody listens is a refusal', async () => {
    await expect(media.prove('rtmp://127.0.0.1:1/live/x')).rejects.toMatchObject({ code: 'STREAM_REFUSED' });
  });

  it.each([
    ['504 Gateway Time-out', 'STREAM_NO_PICTURE'],
    ['404 Not Found', 'STREAM_REFUSED'],
    ['403 Forbidden', 'STREAM_REFUSED'],
  ])('of an RTSP server that answers %s is told as %s', async (status, code) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const [, cseq = '0'] = /CSeq: (\d+)/i.exec(bytes.toString()) ?? [];
        const answer = bytes.toString().startsWith('OPTIONS') ? '200 OK' : status;
        socket.write(`RTSP/1.0 ${answer}\r\nCSeq: ${cseq}\r\n\r\n`);
      });
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(media.prove(`rtsp://127.0.0.1:${port}/x`)).rejects.toMatchObject({ code });
  });

  it('that brings no packet ends with no picture when its time is over', async () => {
    const url = origin.rtmpUrl('v3/openlive', 'nothing');
    await expect(media.prove(url)).rejects.toMatchObject({ code: 'STREAM_NO_PICTURE', failureClass: 'retry' });
  });

  it('can be aborted while a server that never answers is asked, and leaves it', async () => {
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const left = new Promise<void>((resolve) => {
      silent.once('connection', (socket) => {
        socket.on('error', () => undefined).resume();
        socket.once('close', () => resolve());
        abort.abort(new Error('enough'));
      });
    });
    const abort = new AbortController();
    await expect(media.prove(`rtmp://127.0.0.1:${address.port}/live/x`, abort.signal)).rejects.toThrow('enough');
    await left;
  });
});
