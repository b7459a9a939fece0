import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../core/clock.js';
import { fileNameOf } from '../../core/fileNameOf.js';

/** A file that reaches this is put aside as `….log.1`, in place of the one before. */
const MOST_BYTES = 256 * 1_024;
/** Lines that wait for the disk; more are left out, so that a disk that hangs costs no memory. */
const MOST_WAITING = 1_000;
/** The old server's name of a stream's file was `ffmpeg_<id>.log`. */
const PREFIX = 'ffmpeg_';

export interface StreamLogsDeps {
  readonly clock: Clock;
  /** The folder of the files; it is made with the first line. */
  readonly folder: string;
  readonly warn: (message: string) => void;
}

/** A log for each stream, in a file of its own, as the old server's document has it. A disk that takes no line costs no stream. */
export class StreamLogs {
  readonly #deps: StreamLogsDeps;
  readonly #bytes = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;
  #hasWarned = false;

  constructor(deps: StreamLogsDeps) {
    this.#deps = deps;
  }

  /** Adds a line, which holds no secret. */
  write(id: string, text: string): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting += 1;
    const line = `${this.#deps.clock.now().toISOString()} [${id}] ${text.replace(/\s+/g, ' ')}\n`;
    this.#writing = this.#writing
      .then(() => this.#append(id, line))
      .catch(() => this.#warn())
      .finally(() => (this.#waiting -= 1));
  }

  /** Resolves when each line is on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #append(id: string, line: string): Promise<void> {
    const { folder } = this.#deps;
    const file = path.join(folder, `${PREFIX}${fileNameOf(id)}.log`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let bytes = this.#bytes.get(file) ?? (await sizeOf(file));
    if (bytes >= MOST_BYTES) {
      await rename(file, `${file}.1`);
      bytes = 0;
    }
    await appendFile(file, line, { mode: 0o600 });
    if (this.#bytes.size >= MOST_WAITING) this.#bytes.clear();
    this.#bytes.set(file, bytes + Buffer.byteLength(line));
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#deps.warn('The log files of streams cannot be written.');
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
