import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { median } from '../report.js';
import { ffmpegPath, onPath } from './ffmpegPlayer.js';

/** A beep that is further from every key frame belongs to a second without a key frame. */
const NEAR_MS = 400;
const LONGEST_MS = 60_000;

/** The offset of sound against picture in a part of a recording. */
export interface SoundOffset {
  /** The number of beeps that were compared with a key frame. */
  readonly beeps: number;
  /** Median of how much later the beeps begin than their key frames, in ms. */
  readonly offsetMs: number;
}

/**
 * Measures the offset of sound and picture: the simulated camera beeps at each full second, and its key frames come at full seconds.
 * `seconds`: how much of the beginning (positive) or end (negative) of the recording is used. null: no recording, or no beep near a key
 * frame.
 */
export async function soundOffset(file: string, seconds: number): Promise<SoundOffset | null> {
  if (!existsSync(file)) return null;
  const [keys, beeps] = [await keyFrameTimes(file), await beepTimes(file)];
  const [first = 0, last = 0] = [beeps[0], beeps.at(-1)];
  const isAskedFor = (at: number): boolean => (seconds > 0 ? at <= first + seconds : at >= last + seconds);
  return offsetOf(keys, beeps.filter(isAskedFor));
}

/** `keys` and `beeps`: times in seconds, in the order of time. */
function offsetOf(keys: readonly number[], beeps: readonly number[]): SoundOffset | null {
  const near = beeps.flatMap((beep) => {
    const after = keys.map((key) => (beep - key) * 1_000).filter((ms) => Math.abs(ms) < NEAR_MS);
    const nearest = after.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
    return nearest === undefined ? [] : [nearest];
  });
  return near.length === 0 ? null : { beeps: near.length, offsetMs: median(near) };
}

async function keyFrameTimes(file: string): Promise<readonly number[]> {
  const probe = onPath('ffprobe');
  if (probe === null) throw new Error('Sound is measured with ffprobe, which is not on PATH.');
  const entries = ['-select_streams', 'v:0', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0'];
  const { out } = await run(probe, ['-v', 'error', ...entries, file]);
  return [...out.matchAll(/^(-?[\d.]+),K/gm)].map(([, time]) => Number(time));
}

async function beepTimes(file: string): Promise<readonly number[]> {
  const detect = ['-copyts', '-i', file, '-map', '0:a:0', '-af', 'silencedetect=noise=-30dB:d=0.3', '-f', 'null', '-'];
  const { complaints } = await run(ffmpegPath ?? 'ffmpeg', ['-hide_banner', '-nostats', ...detect]);
  return [...complaints.matchAll(/silence_end: (-?[\d.]+)/g)].map(([, time]) => Number(time));
}

function run(program: string, args: readonly string[]): Promise<{ readonly out: string; readonly complaints: string }> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { timeout: LONGEST_MS, maxBuffer: 100_000_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} failed: ${stderr.split('\n').slice(-3).join(' ')}`));
      else resolve({ out: stdout, complaints: stderr });
    });
  });
}
