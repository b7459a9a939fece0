import { createRequire } from 'node:module';
import type { PictureSpec } from './clip.js';

/** The picture repeats after one minute, so the drawn second is that of the wall clock whenever a play starts. */
const LOOP_SECONDS = 60;

/** A clip key with this ending stands for the camera's small picture. */
export const SUB_STREAM_SUFFIX = '/sub';

const FRAMES_PER_SECOND = 15;
const ERROR_CLIP_FRAMES_PER_SECOND = 5;

/** Seconds that the block takes there and back; each divides the loop, so the picture does not jump where the loop repeats. */
const PERIODS = [5, 6, 10, 12, 15, 20] as const;

/**
 * The moving test picture of a camera: its name, the second of the minute, and a block that moves over a coloured background. Colour and
 * motion come from the digits of `clipKey`, chosen so that cameras with neighbouring serials look different.
 */
export function cameraPicture(clipKey: string, cameraName: string, keyFrameSeconds = 1): PictureSpec {
  if (!Number.isInteger(keyFrameSeconds) || LOOP_SECONDS % keyFrameSeconds !== 0)
    throw new Error(
      `A key frame every ${keyFrameSeconds} s does not fit a loop of one minute. Use 1, 2, 3, 4, 5 or 6 s.`,
    );
  const isSub = clipKey.endsWith(SUB_STREAM_SUFFIX);
  const [width, height] = isSub ? [320, 180] : [640, 360];
  return {
    codec: 'h264',
    width,
    height,
    framesPerSecond: FRAMES_PER_SECOND,
    groupSeconds: keyFrameSeconds,
    loopSeconds: LOOP_SECONDS,
    graph: (startSecond) => movingGraph({ seed: seedOf(clipKey), cameraName, width, height, startSecond }),
  };
}

/** The vendor's error clip, sent when the cloud cannot show a camera's codec: a still picture in valid H.264. */
export function errorPicture(): PictureSpec {
  const [width, height] = [512, 288];
  const ground = `color=c=0x202020:s=${width}x${height}:r=${ERROR_CLIP_FRAMES_PER_SECOND}`;
  const words = drawText({ text: 'codec is not H264', fontSize: 34, x: '(w-tw)/2', y: '(h-th)/2' });
  return {
    codec: 'h264',
    width,
    height,
    framesPerSecond: ERROR_CLIP_FRAMES_PER_SECOND,
    groupSeconds: 2,
    loopSeconds: 4,
    graph: () => `${ground},${words},format=yuv420p`,
  };
}

interface MovingPicture {
  readonly seed: number;
  readonly cameraName: string;
  readonly width: number;
  readonly height: number;
  readonly startSecond: number;
}

function movingGraph({ seed, cameraName, width, height, startSecond }: MovingPicture): string {
  const hue = (seed * 137.508) % 360; // the golden angle
  const block = [height / 4, height / 8, height / 3][seed % 3] ?? height / 4;
  const blockWidth = even(block * (1 + (seed % 2)));
  const blockHeight = even(block);
  // The parts that do not move are drawn once and repeated, which halves the work.
  const still = (colour: string, w: number, h: number, drawn = ''): string =>
    `color=c=${colour}:s=${w}x${h}:r=${FRAMES_PER_SECOND}${drawn},trim=end_frame=1,loop=-1:1:0,` +
    `setpts=N+${startSecond * FRAMES_PER_SECOND}`; // in frames: the time base of `color`
  const sway = (room: number, period: number): string => `abs(mod(t*${(2 * room) / period}\\,${2 * room})-${room})`;
  const across = sway(width - blockWidth, PERIODS[seed % PERIODS.length] ?? 10);
  const belowName = height / 5;
  const down = `${belowName}+${sway(height - belowName - blockHeight, PERIODS[(seed * 5 + 2) % PERIODS.length] ?? 6)}`;
  const grid = even(height / 6 + (seed % 4) * (height / 20));
  const margin = height / 15;
  const name = drawText({ text: cameraName, fontSize: height / 10, x: `${margin}`, y: `${margin}` });
  const second = drawTextAs(SECOND_OF_MINUTE, { fontSize: height / 5, x: `w-tw-${margin}`, y: `h-th-${margin}` });
  return [
    `${still(rgb(hue, 0.55, 0.32), width, height, `,drawgrid=w=${grid}:h=${grid}:t=2:c=white@0.12,${name}`)}[ground]`,
    `${still(rgb(hue + 180, 0.8, 0.6), blockWidth, blockHeight)}[block]`,
    `[ground][block]overlay=x=${across}:y=${down}:eval=frame,${second},format=yuv420p`,
  ].join(';');
}

/** An expansion of FFmpeg's `drawtext`: the frame's time as the second of the minute. */
const SECOND_OF_MINUTE = String.raw`text='\:%{pts\:gmtime\:0\:%S}'`;

interface Label {
  readonly fontSize: number;
  readonly x: string;
  readonly y: string;
}

function drawText({ text, ...label }: Label & { text: string }): string {
  const oneLine = text.replaceAll(/\s+/g, ' ').slice(0, 40);
  return drawTextAs(`text=${escape(oneLine)}:expansion=none`, label);
}

function drawTextAs(text: string, { fontSize, x, y }: Label): string {
  const font = `fontfile=${escape(FONT_FILE)}:fontsize=${Math.round(fontSize)}`;
  return `drawtext=${font}:${text}:x=${x}:y=${y}:fontcolor=white:borderw=3`;
}

const FONT_FILE = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

/** Escapes once for the filter's options and once for the graph around them. */
function escape(text: string): string {
  return text.replaceAll(/[\\':]/g, String.raw`\$&`).replaceAll(/[\\'[\],;]/g, String.raw`\$&`);
}

/** The last digits of a key, or a number made of its letters. */
function seedOf(clipKey: string): number {
  const digits = clipKey.replaceAll(/\D/g, '').slice(-6);
  if (digits !== '') return Number(digits);
  return Buffer.from(clipKey).reduce((sum, byte) => (sum * 31 + byte) % 100_003, 7);
}

function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

/** `0xrrggbb` of a hue in degrees, a saturation and a lightness from 0 to 1. */
function rgb(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): string => {
    const k = (offset + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `0x${channel(0)}${channel(8)}${channel(4)}`;
}
