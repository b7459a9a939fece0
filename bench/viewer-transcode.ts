/**
 * What does the MPEG-1 video of one camera cost, as clients of the RTSP Stream Viewer get it?
 *
 *   npm run bench:viewer-transcode -- [--sizes 640x360,1280x720,1920x1080] [--seconds 20] [--json]
 *
 * Linux only (/proc). Needs `mediamtx` and `ffmpeg` (with libx264) on PATH, and node-av. The camera is a MediaMTX with a clip of 15 pictures
 * a second and 2 Mbit/s. A media process, started as camlease does, reads it and makes the video; its processor time is measured, while this
 * process throws the pieces away. Viewers beyond the first add what sending costs, and no transcode.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createMediaProcess } from '../src/media/process/mediaProcess.js';
import { systemClock } from '../src/systemClock.js';
import { processorMs } from './load/processes.js';
import { table } from './report.js';
import { LOGIN, startCameraServer } from './sources/cameraServer.js';

const KBIT = 2_000;
const WARM_PIECES = 50;
/** As built; the bench itself does not import it. */
const MEDIA_CHILD = new URL('../../dist/src/mediaChild.js', import.meta.url);

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '640x360,1280x720,1920x1080' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const lengthMs = Number(values.seconds) * 1_000;

interface Run {
  readonly size: string;
  /** Processor time of the media process, in ms per second. */
  readonly msPerSecond: number;
  readonly picturesPerSecond: number;
  readonly kbitPerSecond: number;
}

async function measure(size: string): Promise<Run> {
  const server = await startCameraServer({ streams: 1, kbit: KBIT, size, h265: false });
  const media = createMediaProcess({ clock: systemClock, module: MEDIA_CHILD });
  try {
    const { available, problem } = await media.start();
    if (!available) throw new Error(problem ?? 'There is no node-av.');
    let pieces = 0;
    let bytes = 0;
    const warm = new Promise<void>((resolve, reject) => {
      media.listen({
        mpeg1Piece: (_name, body) => {
          pieces += 1;
          bytes += body.length;
          if (pieces === WARM_PIECES) resolve();
        },
        mpeg1Ended: (_name, error) => reject(error),
      });
    });
    const { user, password } = LOGIN;
    await media.openMpeg1('bench', server.address(0).replace('rtsp://', `rtsp://${user}:${password}@`));
    await warm;
    const before = { pieces, bytes, ms: processorMs([media.pid() ?? 0]), at: performance.now() };
    await new Promise((resolve) => setTimeout(resolve, lengthMs));
    const passed = (performance.now() - before.at) / 1_000;
    return {
      size,
      msPerSecond: (processorMs([media.pid() ?? 0]) - before.ms) / passed,
      picturesPerSecond: (pieces - before.pieces) / passed,
      kbitPerSecond: ((bytes - before.bytes) * 8) / 1_000 / passed,
    };
  } finally {
    await media.stop();
    await server.stop();
  }
}

const runs: Run[] = [];
for (const size of values.sizes.split(',')) runs.push(await measure(size));
if (values.json) console.log(JSON.stringify({ load: loadavg()[0], runs }, null, 2));
else {
  console.log(
    `One camera of ${KBIT} kbit/s, ${values.seconds} s each; load ${loadavg()[0]?.toFixed(1) ?? ''} at the end.\n`,
  );
  const rows = runs.map((run) => [
    run.size,
    `${run.msPerSecond.toFixed(0)} ms/s`,
    run.picturesPerSecond.toFixed(1),
    `${run.kbitPerSecond.toFixed(0)} kbit/s`,
  ]);
  console.log(table(['camera', 'processor time', 'pictures a second', 'video'], rows));
}
