import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { CameraId } from '../../core/camera/camera.js';
import type { RelayCamera } from '../../core/streams/relay.js';
import { readLine } from './fileLines.js';

/** How much of the file is read at once; between two pieces the worker serves its readers. */
const PIECE_BYTES = 256 * 1_024;

export interface FileReadingOptions {
  readonly path: string;
  /** Called with what the file says of a camera; null: the camera was removed. Repeats itself when the file was rewritten. */
  readonly onCamera: (id: CameraId, camera: RelayCamera | null) => void;
  /** Called with the password that readers must give. */
  readonly onReader: (password: string) => void;
}

/** A worker's reading of the relay's file: what was appended since the last `read`, or the whole file when it was replaced. */
export class FileReading {
  readonly #options: FileReadingOptions;
  readonly #known = new Set<CameraId>();
  #file: number | null = null;
  #at = 0;
  /** The start of a line whose end has not been written yet. */
  #rest: Buffer = Buffer.alloc(0);
  #reading: Promise<void> = Promise.resolve();

  constructor(options: FileReadingOptions) {
    this.#options = options;
  }

  /** Resolves when everything that the file held at the call was reported. A file that cannot be read changes nothing. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readOn()).catch(() => undefined);
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    if (this.#file === null || this.#isReplaced(this.#file)) await this.#readAnew();
    else await this.#readTo(this.#file, () => undefined);
  }

  #isReplaced(file: number): boolean {
    const mine = fstatSync(file);
    const there = statSync(this.#options.path);
    return mine.ino !== there.ino || mine.dev !== there.dev || there.size < this.#at;
  }

  async #readAnew(): Promise<void> {
    const file = openSync(this.#options.path, 'r');
    if (this.#file !== null) closeSync(this.#file);
    this.#file = file;
    this.#at = 0;
    this.#rest = Buffer.alloc(0);
    const gone = new Set(this.#known);
    await this.#readTo(file, (id) => gone.delete(id));
    for (const id of gone) this.#take(id, null);
  }

  async #readTo(file: number, onSeen: (id: CameraId) => void): Promise<void> {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const length = readSync(file, piece, 0, PIECE_BYTES, this.#at);
      if (length === 0) return;
      this.#at += length;
      const bytes = Buffer.concat([this.#rest, piece.subarray(0, length)]);
      const end = bytes.lastIndexOf('\n') + 1;
      this.#rest = bytes.subarray(end);
      for (const text of bytes.toString('utf8', 0, end).split('\n')) if (text !== '') this.#takeLine(text, onSeen);
      if (length < PIECE_BYTES) return;
      await setImmediate();
    }
  }

  /** Skips a line that cannot be read: the relay's parent reports it. */
  #takeLine(text: string, onSeen: (id: CameraId) => void): void {
    const line = readLine(text);
    if (line?.kind === 'head') this.#options.onReader(line.reader);
    if (line?.kind !== 'camera') return;
    onSeen(line.id);
    this.#take(line.id, line.camera);
  }

  #take(id: CameraId, camera: RelayCamera | null): void {
    if (camera === null) this.#known.delete(id);
    else this.#known.add(id);
    this.#options.onCamera(id, camera);
  }
}
