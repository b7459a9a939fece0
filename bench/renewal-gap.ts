/**
 * How long does the picture stand still for viewers when a camera's live URL is renewed?
 *
 *   npm run bench:renewal-gap -- [--renewals 10] [--key-frames 1,4] [--kinds control,naive,direct,on-demand,handover,seamless]
 *     [--players page-webrtc,page-hls,mediamtx-webrtc,mediamtx-hls,plain-hls,ffmpeg-rtsp,ffmpeg-hls] [--b-frames 2] [--sound aac] [--variant mpegts] [--json]
 *
 * Needs `mediamtx`, `chromium` and (for the players (d) and (e)) `ffmpeg` on PATH. Real MediaMTX, the simulated cloud with its RTMP
 * origin and camlease run in their own processes. Each kind has a camera, which all players watch at once while it is renewed repeatedly.
 * Frames are counted when they are put on the screen (requestVideoFrameCallback; ffmpeg: when they are decoded), from 1 s before each
 * renewal until 12 s (naive: 25 s) after the media server had the new address; where key frames are further apart, that much longer as an
 * HLS player is further behind. A player that was dropped is replaced before the next renewal.
 *
 * - control: nothing is renewed.
 * - naive: `source` is patched through MediaMTX's API, on a path that camlease does not know.
 * - direct: mode direct, where MediaMTX pulls the cloud itself; renewed while it has viewers.
 * - on-demand: the default mode, through the relay.
 * - handover: mode always-on; seamless: the mode of that name, through the relay. Both are watched with MediaMTX's own pages, since
 *   camlease's page would reconnect by itself.
 *
 * `--variant`: MediaMTX's `hlsVariant`; absent: the template's.
 *
 * Two more pages watch the control's camera all the time: they show what a renewal does to viewers of other cameras. `--sound aac`
 * also compares sound and picture at the beginning and the end of ffmpeg's recording. With `--b-frames` there is no WebRTC, since
 * MediaMTX refuses such streams over WebRTC.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from '../test/support/viewers/chromium.js';
import { measureKind, type Drift, type Measured, type Measurement } from './gap/measure.js';
import { tables, wishes } from './gap/report.js';
import { KINDS, playersFor, startRig, type RigOptions } from './gap/rig.js';
import { closeAll, openPlayers } from './players/openPlayers.js';
import { servePlainPage } from './players/plainPage.js';
import { PLAYER_KINDS, playersNamed } from './players/player.js';
import { wishTable } from './report.js';
import { variantNamed } from './rig/variant.js';

const { values } = parseArgs({
  options: {
    renewals: { type: 'string', default: '10' },
    'key-frames': { type: 'string', default: '1,4' },
    kinds: { type: 'string', default: KINDS.join(',') },
    players: { type: 'string', default: PLAYER_KINDS.join(',') },
    'b-frames': { type: 'string', default: '0' },
    sound: { type: 'string', default: 'none' },
    variant: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const renewals = Number(values.renewals);
const named = values.kinds.split(',');
const wantedKinds = KINDS.filter((kind) => named.includes(kind));
if (wantedKinds.length !== named.length) throw new Error(`--kinds takes of ${KINDS.join(', ')}, with commas between.`);
if (values.sound !== 'aac' && values.sound !== 'none') throw new Error('--sound is aac or none.');
const { sound } = values;
const variant = variantNamed(values.variant);
const bFrames = Number(values['b-frames']);
const players = playersNamed(values.players);
/** Prints progress on standard error, so that standard output holds JSON alone. */
const say = (line: string): void => console.error(line);

async function run(options: RigOptions): Promise<Measured> {
  const rig = await startRig(options, wantedKinds);
  const recordings = sound === 'aac' ? mkdtempSync(path.join(tmpdir(), 'camlease-recordings-')) : null;
  const browser = await launchChromium();
  const plainPage = await servePlainPage();
  try {
    for (const [kind, reason] of rig.refused) say(`${kind} is left out: ${reason}`);
    const room = { browser, plainPage, recordings };
    const watching = playersFor('control', ['mediamtx-webrtc', 'mediamtx-hls'], bFrames);
    const bystanders = await openPlayers(room, watching, rig.addresses('control'));
    const measurements: Measurement[] = [];
    const drifts: Drift[] = [];
    for (const kind of wantedKinds.filter((each) => !rig.refused.has(each))) {
      const measured = await measureKind({ rig, room, options, players, renewals, bystanders, say }, kind);
      measurements.push(...measured.measurements);
      drifts.push(...measured.drifts);
    }
    await closeAll(bystanders);
    return { measurements, drifts };
  } finally {
    await browser.close();
    plainPage.stop();
    await rig.stop();
    if (recordings !== null) rmSync(recordings, { recursive: true, force: true });
  }
}

const measurements: Measurement[] = [];
const drifts: Drift[] = [];
const loads: number[] = [];
for (const keyFrameSeconds of values['key-frames'].split(',').map(Number)) {
  const measured = await run({ keyFrameSeconds, bFrames, sound, variant });
  measurements.push(...measured.measurements);
  drifts.push(...measured.drifts);
  loads.push(loadavg()[0] ?? Number.NaN);
}
const list = wishes({ measurements, drifts });
if (values.json) {
  console.log(JSON.stringify({ renewals, bFrames, sound, loads, wishes: list, measurements, drifts }, null, 2));
} else {
  const what = `${bFrames > 0 ? `${bFrames} B-frames` : 'no B-frames'}, ${sound === 'aac' ? 'with' : 'without'} sound`;
  console.log(`${renewals} renewals of each kind, ${what}; load ${loads.map((load) => load.toFixed(1)).join(', ')}.\n`);
  console.log(tables({ measurements, drifts }));
  console.log(wishTable(list));
}
if (list.some(({ isMet }) => !isMet) || measurements.some(({ failure }) => failure !== null)) process.exitCode = 1;
