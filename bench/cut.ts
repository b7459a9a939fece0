/**
 * What does a viewer see when the cloud cuts a stream whose address is still valid, or when the camera is away for a while?
 *
 *   npm run bench:cut -- [--cuts 20] [--gone 5,20,50] [--worker-kills 0] [--key-frames 1,4] [--sources on-demand,direct,mediamtx,go2rtc]
 *     [--players page-webrtc,page-hls,mediamtx-webrtc,mediamtx-hls,plain-hls,ffmpeg-rtsp,ffmpeg-hls] [--sound aac]
 *     [--variant mpegts] [--json]
 *
 * Needs `mediamtx`, `chromium` and `ffmpeg` on PATH; `go2rtc` is skipped where it is not installed. Each source has a camera of the
 * simulated cloud, which all players watch at once: first the cuts, one after the other, then the absences. The result is the longest
 * time without motion (motion: three frames in a row that each differ from the one before), minus the time that the camera was away; an
 * HLS player is seconds behind, and sees everything that much later. A player that was dropped, ended or did not move again within
 * 30 s is replaced before the next trouble.
 *
 * - on-demand: the default mode, through the relay.
 * - direct: mode direct, where MediaMTX pulls the cloud itself and camlease watches it.
 * - mediamtx, go2rtc: one path of a server that pulls the cloud, without camlease.
 *
 * `--worker-kills`: at the end the relay's worker is killed so many times, which only the relay's camera notices. The table shows what each
 * player does then; camlease's page should have frames again within 2 s and a key frame. Not together with `--sound`.
 *
 * `--variant`: MediaMTX's `hlsVariant`; absent: the template's.
 *
 * With `--sound aac` sound and picture are compared at the beginning and the end of ffmpeg's recording, and with those of a camera that is
 * never cut.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from '../test/support/viewers/chromium.js';
import {
  driftsOf,
  measureCuts,
  type BrokenSeries,
  type CutDrift,
  type CutMeasured,
  type CutMeasurement,
  type Trouble,
} from './cut/measure.js';
import { cutTables, cutWishes } from './cut/report.js';
import { openSource, OWN_PATH, SOURCES } from './cut/sources.js';
import { allSteady, closeAll, openPlayers } from './players/openPlayers.js';
import { servePlainPage } from './players/plainPage.js';
import { PLAYER_KINDS, playersNamed, type PlayerKind } from './players/player.js';
import { wishTable } from './report.js';
import { startInstallation } from './rig/installation.js';
import { variantNamed, withVariant } from './rig/variant.js';

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '20' },
    gone: { type: 'string', default: '5,20,50' },
    'worker-kills': { type: 'string', default: '0' },
    'key-frames': { type: 'string', default: '1,4' },
    sources: { type: 'string', default: SOURCES.join(',') },
    players: { type: 'string', default: PLAYER_KINDS.join(',') },
    sound: { type: 'string', default: 'none' },
    variant: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const named = values.sources.split(',');
const sources = SOURCES.filter((kind) => named.includes(kind));
if (sources.length !== named.length) throw new Error(`--sources takes of ${SOURCES.join(', ')}, with commas between.`);
if (values.sound !== 'aac' && values.sound !== 'none') throw new Error('--sound is aac or none.');
const { sound } = values;
const variant = variantNamed(values.variant);
const players = playersNamed(values.players);
const troubles: readonly Trouble[] = [
  ...Array.from({ length: Number(values.cuts) }, (): Trouble => ({ kind: 'cut' })),
  ...values.gone
    .split(',')
    .flatMap((text): readonly Trouble[] => (text === '' ? [] : [{ kind: 'gone', seconds: Number(text) }])),
];
const kills = Array.from({ length: Number(values['worker-kills']) }, (): Trouble => ({ kind: 'worker' }));
if (kills.length > 0 && sound === 'aac') throw new Error('--worker-kills would end what --sound records.');
const say = (line: string): void => console.error(line);

async function run(keyFrameSeconds: number): Promise<CutMeasured> {
  const installation = await startInstallation({
    ...{ keyFrameSeconds, sound },
    config: (text) => withVariant(text, variant),
    // One camera for each source, and the control, which is never cut.
    cameras: SOURCES.length + 1,
    ownPaths: [OWN_PATH],
  });
  const recordings = sound === 'aac' ? mkdtempSync(path.join(tmpdir(), 'camlease-recordings-')) : null;
  const browser = await launchChromium();
  const plainPage = await servePlainPage();
  const measurements: CutMeasurement[] = [];
  const drifts: CutDrift[] = [];
  const broken: BrokenSeries[] = [];
  try {
    const room = { browser, plainPage, recordings };
    const programs = players.filter((kind): kind is PlayerKind => sound === 'aac' && kind.startsWith('ffmpeg-'));
    const control = installation.cameras.at(-1);
    if (!control) throw new Error('There is no camera for the control.');
    const untouched = await allSteady(
      room,
      await openPlayers(room, programs, installation.addresses(control)),
      installation.addresses(control),
      { steadyMs: 1_000, limitMs: 30_000 },
    );
    for (const kind of sources) {
      const source = await openSource(installation, kind, say);
      if (source === null) continue;
      try {
        const all = kind === 'on-demand' ? [...troubles, ...kills] : troubles;
        const series = { installation, room, keyFrameSeconds, players, troubles: all, say };
        const measured = await measureCuts(series, source);
        measurements.push(...measured.measurements);
        drifts.push(...measured.drifts);
        broken.push(...measured.broken);
      } finally {
        await source.stop();
      }
    }
    await closeAll(untouched);
    drifts.push(...(await driftsOf(untouched, 'control', keyFrameSeconds)));
    return { measurements, drifts, broken };
  } finally {
    await browser.close();
    plainPage.stop();
    await installation.stop();
    if (recordings !== null) rmSync(recordings, { recursive: true, force: true });
  }
}

const measurements: CutMeasurement[] = [];
const drifts: CutDrift[] = [];
const broken: BrokenSeries[] = [];
const loads: number[] = [];
for (const keyFrameSeconds of values['key-frames'].split(',').map(Number)) {
  const measured = await run(keyFrameSeconds);
  measurements.push(...measured.measurements);
  drifts.push(...measured.drifts);
  broken.push(...measured.broken);
  loads.push(loadavg()[0] ?? Number.NaN);
}
const list = cutWishes({ measurements, drifts, broken });
if (values.json) console.log(JSON.stringify({ loads, wishes: list, measurements, drifts, broken }, null, 2));
else {
  console.log(
    `${values.cuts} cuts, then gone for ${values.gone} s; load ${loads.map((load) => load.toFixed(1)).join(', ')}.\n`,
  );
  console.log(cutTables({ measurements, drifts, broken }));
  console.log(wishTable(list));
}
if (list.some(({ isMet }) => !isMet)) process.exitCode = 1;
