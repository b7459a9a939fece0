import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import { Poller } from '../../core/async/poller.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { createLog, type Log } from '../../observe/logger.js';

const DAY_MS = 86_400_000;
/** As the old system did. */
const PACKED_AFTER_MS = 7 * DAY_MS;
const DELETED_AFTER_MS = 30 * DAY_MS;
const TIDY_EVERY_MS = 3_600_000;
/** Oldest files go first beyond this, so that a busy month does not fill the disk. */
const MOST_BYTES = 1024 * 1024 * 1024;
/** What the folder may hold beside these files is not touched. */
const OURS = /^\d{4}-\d\d-\d\d(?:_\d\d-\d\d-\d\d)?\.log(\.gz)?$/;

export interface LogFilesDeps {
  readonly folder: string;
  readonly clock: Clock;
  /** camlease's own log, which is told when files cannot be written. */
  readonly log: Pick<Log, 'warn'>;
  readonly redact: (text: string) => string;
  /** When a file is full; absent: at 10 MB. Such as `10M`. */
  readonly size?: string;
}

/**
 * The old system's log files: one for each day, another at each 10 MB, packed after 7 days and deleted after 30. A file that cannot be
 * written costs its lines and nothing else; it is tried again at the next tidying.
 */
export class LogFiles {
  /** Lines of JSON as in camlease's own log; secrets are masked in the finished line. */
  readonly log: Log;
  readonly #deps: LogFilesDeps;
  readonly #tidying: Poller;
  #stream: RotatingFileStream | null = null;
  #isToldOf = false;

  constructor(deps: LogFilesDeps) {
    this.#deps = deps;
    const { redact } = deps;
    const write = (line: string): void => void this.#stream?.write(line);
    this.log = createLog({ level: 'info', redactor: { redact }, readable: false, write });
    this.#tidying = new Poller(deps.clock, () => this.#tidy());
  }

  /** Resolves when the first file can be written, and old ones are tidied. */
  start(): Promise<void> {
    return this.#tidying.now();
  }

  /** Resolves when the last line is in its file. */
  async stop(): Promise<void> {
    await this.#tidying.stop();
    const stream = this.#stream;
    this.#stream = null;
    if (stream) await new Promise<void>((resolve) => stream.once('close', resolve).end());
  }

  async #tidy(): Promise<number> {
    const { folder, clock } = this.#deps;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await tidy(folder, clock.now().getTime());
      this.#open();
    } catch (thrown) {
      this.#tell(thrown);
    }
    return TIDY_EVERY_MS;
  }

  #open(): void {
    if (this.#stream !== null) return;
    const { folder, size = '10M' } = this.#deps;
    const stream = createStream(fileName, {
      ...{ path: folder, size, mode: 0o600 },
      ...{ interval: '1d', intervalBoundary: true, intervalUTC: true, immutable: true },
    });
    stream.on('error', (error) => {
      if (this.#stream === stream) this.#stream = null;
      this.#tell(error);
    });
    stream.on('open', () => (this.#isToldOf = false));
    this.#stream = stream;
  }

  #tell(thrown: unknown): void {
    if (this.#isToldOf) return;
    this.#isToldOf = true;
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : messageOf(thrown);
    this.#deps.log.warn(`The log files of clients of mtx cannot be written (${code}).`, {
      cure: 'Make room on the disk of DATA_DIR, and let camlease write there. It tries again within an hour.',
    });
  }
}

/**
 * The first file of a day has its date, later ones the time too (UTC). `index` is counted up while the name's file is full: two files
 * that are filled within one second have names a second apart.
 */
function fileName(time: number | Date, index = 1): string {
  const at = new Date(time).getTime() + Math.max(0, index - 2) * 1_000;
  const [day = '', clock = ''] = new Date(at).toISOString().split('T');
  return index === 1 ? `${day}.log` : `${day}_${clock.slice(0, 8).replaceAll(':', '-')}.log`;
}

async function tidy(folder: string, nowMs: number): Promise<void> {
  const kept: { file: string; bytes: number; atMs: number }[] = [];
  for (const name of await readdir(folder)) {
    if (!OURS.test(name)) continue;
    const file = path.join(folder, name);
    const { mtimeMs } = await stat(file);
    const ageMs = nowMs - mtimeMs;
    if (ageMs > DELETED_AFTER_MS) await rm(file);
    else {
      const now = ageMs > PACKED_AFTER_MS && name.endsWith('.log') ? await packed(file) : file;
      kept.push({ file: now, bytes: (await stat(now)).size, atMs: mtimeMs });
    }
  }
  kept.sort(({ atMs: a }, { atMs: b }) => b - a);
  let bytes = 0;
  for (const [index, one] of kept.entries()) {
    bytes += one.bytes;
    // The newest may be the one that is written.
    if (bytes > MOST_BYTES && index > 0) await rm(one.file);
  }
}

/** Packs a file in its place; it keeps its time, by which it is deleted. */
async function packed(file: string): Promise<string> {
  const into = `${file}.gz`;
  const { atime, mtime } = await stat(file);
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${into}.part`, { mode: 0o600 }));
  await utimes(`${into}.part`, atime, mtime);
  await rename(`${into}.part`, into);
  await rm(file);
  return into;
}
