import type { SlateSpec } from '../../../core/streams/slateSpec.js';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CameraId } from '../../../core/camera/camera.js';
import type { StreamTracks } from '../../../core/camera/tracks.js';
import type { Clock } from '../../../core/clock.js';
import { AppError, messageOf } from '../../../core/errors.js';
import { fileNameOf } from '../../../core/fileNameOf.js';
import { zonedTime } from '../../../core/zonedTime.js';
import type { EngineLog } from '../../engineLog.js';
import { systemCode, writeAtomically } from '../disk/atomicFile.js';
import { fitsSlate, SLATE_FILE, soundOfKey, tracksKey } from '../paths/declaredTracks.js';

/** Makes an MP4 with exactly these tracks. */
export type MakeSlate = (spec: SlateSpec, signal?: AbortSignal) => Promise<Buffer>;

export interface SlatesOptions {
  readonly folder: string;
  /** null: this process cannot make slates (node-av is missing). */
  readonly make: MakeSlate | null;
  readonly clock: Clock;
  readonly log: EngineLog;
}

/** The picture of a proof, from which a camera's slate is made. */
export interface SlatePicture {
  readonly jpeg: Buffer;
  readonly framesPerSecond: number | null;
}

/** A publisher that comes back waits for the slate's current frame to end, so frames must be short. */
const FEWEST_FRAMES_PER_SECOND = 10;
const MOST_FRAMES_PER_SECOND = 30;
const KEPT_UNNAMED_MS = 10_000;
/** The name of the slate for `sample`, which no camera's id can be. */
const SAMPLE = '_sample';
const UNKNOWN_SIZE = { width: 1280, height: 720 };
/** How many slates without a picture are cached, by size and tracks: they are the same for every camera. */
const PLAIN_KEPT = 8;

/**
 * The slates: one MP4 for each camera and set of tracks, with the picture of the last proof. MediaMTX refuses every write while a file
 * that a path names is missing, and exits when it needs one. So a slate is on disk before a path names it, and stays there for a while
 * after no path does.
 */
export class Slates {
  readonly folder: string;
  readonly #options: SlatesOptions;
  readonly #plain = new Map<string, Promise<Buffer>>();
  readonly #writing = new Map<string, Promise<void>>();
  #files = new Set<string>();
  readonly #unnamedSinceMs = new Map<string, number>();

  constructor(options: SlatesOptions) {
    this.#options = options;
    this.folder = resolve(options.folder);
  }

  /** False: this process cannot make slates. */
  get canMake(): boolean {
    return this.#options.make !== null;
  }

  /** Reads which slates are on disk. */
  async refresh(): Promise<void> {
    try {
      this.#files = new Set((await readdir(this.folder)).filter((name) => SLATE_FILE.test(name)));
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
      this.#files = new Set();
    }
  }

  /** The slate of a camera with these tracks; null: there is none on disk. */
  fileFor(cameraId: CameraId, tracks: StreamTracks): string | null {
    const name = fileName(cameraId, tracksKey(tracks));
    return this.#files.has(name) ? join(this.folder, name) : null;
  }

  /** Any slate of a camera; null: there is none on disk. */
  anyFor(cameraId: CameraId): string | null {
    const start = `${fileNameOf(cameraId)}.`;
    const name = [...this.#files].find(
      (file) => file.startsWith(start) && SLATE_FILE.exec(file)?.[1] === start.slice(0, -1),
    );
    return name === undefined ? null : join(this.folder, name);
  }

  /** Any slate, to find out whether MediaMTX can open files of this folder; null: there is none and none can be made. */
  async sample(): Promise<string | null> {
    await this.refresh();
    const tracks = { video: { codec: 'H264', width: 320, height: 240 }, audio: null };
    if (this.#files.size === 0 && !(await this.make(SAMPLE, tracks, null))) return null;
    const [first] = this.#files;
    return first === undefined ? null : join(this.folder, first);
  }

  /** Makes or replaces a camera's slate; `picture` null: without a picture. False: it could not be made, for a reason that is logged. */
  async make(cameraId: CameraId, tracks: StreamTracks, picture: SlatePicture | null): Promise<boolean> {
    if (!this.canMake || !fitsSlate(tracks)) return false;
    try {
      const name = fileName(cameraId, tracksKey(tracks));
      const mp4 = picture ? await this.#withPicture(tracks, picture) : await this.#plainSlate(tracks);
      // A proof may have written a slate with a picture meanwhile: keep that one.
      if (picture === null && this.#files.has(name)) return true;
      await this.#write(name, mp4);
      return true;
    } catch (thrown) {
      this.#options.log.warn('no slate could be made for a camera', { camera: cameraId, reason: messageOf(thrown) });
      return false;
    }
  }

  /** Makes a slate without writing it, for the relay, which keeps its own; null: none can be made for these tracks. */
  async madeWith(tracks: StreamTracks, picture: SlatePicture): Promise<Buffer | null> {
    return this.canMake && fitsSlate(tracks) ? this.#withPicture(tracks, picture) : null;
  }

  /** Makes slates of these names that are missing from the folder, without a picture. Throws `ENGINE_REFUSED` when it cannot. */
  async ensure(files: Iterable<string>): Promise<void> {
    const named = [...files].filter((file) => file.startsWith(this.folder)).map((file) => basename(file));
    if (named.length === 0) return;
    await this.refresh();
    for (const name of named) {
      if (this.#files.has(name)) continue;
      const key = SLATE_FILE.exec(name)?.[2] ?? '';
      const video = { codec: 'H264', ...UNKNOWN_SIZE };
      if (!this.canMake) throw missing(this.folder);
      await this.#write(name, await this.#plainSlate({ video, audio: soundOfKey(key) }));
      this.#options.log.warn('a slate was missing, so camlease made it again without its picture', { file: name });
    }
  }

  /** Removes slates that were neither named nor `wanted` for 10 s, since MediaMTX may still be closing their path. */
  async sweep(named: Iterable<string>, wanted: (cameraId: CameraId, key: string) => boolean): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const kept = new Set([...named].map((file) => basename(file)));
    for (const name of [...this.#files]) {
      const [, camera = '', key = ''] = SLATE_FILE.exec(name) ?? [];
      const sinceMs = this.#unnamedSinceMs.get(name) ?? nowMs;
      if (kept.has(name) || wanted(decodeURIComponent(camera), key)) this.#unnamedSinceMs.delete(name);
      else if (nowMs - sinceMs < KEPT_UNNAMED_MS) this.#unnamedSinceMs.set(name, sinceMs);
      else {
        this.#unnamedSinceMs.delete(name);
        this.#files.delete(name);
        await rm(join(this.folder, name), { force: true });
      }
    }
  }

  #withPicture(tracks: StreamTracks, { jpeg, framesPerSecond }: SlatePicture): Promise<Buffer> {
    const label = `NO LIVE PICTURE - PICTURE OF ${zonedTime(this.#options.clock.now(), 'minute')}`;
    return this.#made({ ...shape(tracks, framesPerSecond), jpeg, label });
  }

  #plainSlate(tracks: StreamTracks): Promise<Buffer> {
    const spec = { ...shape(tracks, null), jpeg: null, label: 'NO LIVE PICTURE' };
    const key = `${spec.width}x${spec.height} ${tracksKey(tracks)}`;
    const known = this.#plain.get(key);
    if (known) return known;
    const made = this.#made(spec);
    this.#plain.set(key, made);
    made.catch(() => this.#plain.delete(key));
    const [oldest] = this.#plain.keys();
    if (this.#plain.size > PLAIN_KEPT && oldest !== undefined) this.#plain.delete(oldest);
    return made;
  }

  async #made(spec: SlateSpec): Promise<Buffer> {
    if (this.#options.make === null) throw new Error('nothing here can make a slate');
    const mp4 = await this.#options.make(spec);
    // `ftyp` marks an MP4; MediaMTX would refuse every further write because of a file that is none.
    if (mp4.toString('latin1', 4, 8) !== 'ftyp') throw new Error('what was made is no MP4');
    return mp4;
  }

  /** Writes a slate; writes of one file run one after the other. */
  #write(name: string, mp4: Buffer): Promise<void> {
    const turn = (this.#writing.get(name) ?? Promise.resolve()).then(() => this.#writeNow(name, mp4));
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#writing.get(name) === settled) this.#writing.delete(name);
      });
    this.#writing.set(name, settled);
    return turn;
  }

  async #writeNow(name: string, mp4: Buffer): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeAtomically({ path: join(this.folder, name), text: mp4 });
    this.#files.add(name);
  }
}

function fileName(cameraId: CameraId, key: string): string {
  return `${fileNameOf(cameraId)}.${key}.mp4`;
}

function shape(
  { video, audio }: StreamTracks,
  framesPerSecond: number | null,
): Pick<SlateSpec, 'width' | 'height' | 'framesPerSecond' | 'audio'> {
  const known = video.width >= 16 && video.height >= 16;
  const rate = Math.round(framesPerSecond ?? FEWEST_FRAMES_PER_SECOND);
  return {
    width: known ? video.width : UNKNOWN_SIZE.width,
    height: known ? video.height : UNKNOWN_SIZE.height,
    framesPerSecond: Math.min(MOST_FRAMES_PER_SECOND, Math.max(FEWEST_FRAMES_PER_SECOND, rate)),
    audio,
  };
}

function missing(folder: string): AppError {
  return new AppError('ENGINE_REFUSED', `A slate that MediaMTX needs is missing in ${folder}.`, {
    cure: 'Restore the folder, or install node-av (npm ci), with which camlease makes slates again.',
  });
}
