import { open, truncate, type FileHandle } from 'node:fs/promises';
import { withoutUrls } from '../api/withoutUrls.js';
import { systemCode } from '../disk/atomicFile.js';

const MOST_AT_ONCE = 256 * 1024;
const TRUNCATE_ABOVE = 1024 * 1024;
/** The most characters of a line that are kept: MediaMTX logs the whole path of a request, which any client chooses. */
export const LONGEST_LINE = 2_000;

/**
 * Passes on the lines of MediaMTX's log file, without URLs, each cut after 2,000 characters. It is a file and not a pipe, because a pipe
 * would break when camlease dies and end MediaMTX. camlease empties the file when it gets long, which works because MediaMTX appends.
 */
export class LogTail {
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  #offset = 0;
  #rest = '';

  constructor(path: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#onLine = onLine;
  }

  /** Skips the present lines, which an earlier camlease has passed on. */
  async skip(): Promise<void> {
    await this.#withFile(async (file) => {
      this.#offset = (await file.stat()).size;
    });
  }

  async read(): Promise<void> {
    await this.#withFile(async (file) => {
      const { size } = await file.stat();
      if (size < this.#offset) this.#offset = 0;
      while (this.#offset < size) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST_AT_ONCE), 0, MOST_AT_ONCE, this.#offset);
        if (bytesRead === 0) break;
        this.#offset += bytesRead;
        this.#take(buffer.toString('utf8', 0, bytesRead));
      }
    });
    if (this.#offset < TRUNCATE_ABOVE) return;
    await truncate(this.#path, 0);
    this.#offset = 0;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    // The beginning of an unfinished line is cut too: the line may go on for a megabyte.
    this.#rest = (lines.pop() ?? '').slice(0, LONGEST_LINE + 1);
    for (const line of lines) if (line.trim() !== '') this.#onLine(withoutUrls(boundedLine(line)));
  }

  async #withFile(use: (file: FileHandle) => Promise<void>): Promise<void> {
    const file = await open(this.#path, 'r').catch((thrown: unknown) => {
      // Not there yet, or not readable: the log is only a help, and `#spawn` reports a log file that cannot be written.
      if (systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'EACCES') return null;
      throw thrown;
    });
    if (!file) return;
    try {
      await use(file);
    } finally {
      await file.close();
    }
  }
}

/** The line, or its first part with a mark that something is missing. */
function boundedLine(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}…`;
}
