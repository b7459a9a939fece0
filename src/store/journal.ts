import { appendFileSync, closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { tracksSchema } from './cameraDocument.js';
import type { Promotion } from './cameraStore.js';

/** A write that holds already and is not in the database yet. */
export interface JournalEntry {
  readonly seq: number;
  readonly at: Date;
  readonly promotions: readonly Promotion[];
}

export interface Journal {
  /** What was not ended, oldest first: what a process that died leaves behind. */
  open(): readonly JournalEntry[];
  /** Survives the death of this process; not a power cut, which ends MediaMTX too. */
  append(promotions: readonly Promotion[], at: Date): JournalEntry;
  /** The entry is in the database. */
  end(entry: JournalEntry): void;
  close(): void;
}

/** In `DATA_DIR`. */
export const JOURNAL_FILE = 'journal.ndjson';

const promotionSchema = z.object({
  id: z.string(),
  revision: z.int(),
  proof: z.enum(['proven', 'unproven']),
  tracks: tracksSchema.nullable(),
});
const lineSchema = z.union([
  z.object({
    seq: z.int(),
    at: z.iso.datetime().transform((text) => new Date(text)),
    promotions: z.array(promotionSchema),
  }),
  z.object({ ended: z.int() }),
]);

/** A file of one JSON line per entry, and one per end; it is emptied whenever nothing is open. */
export class JournalFile implements Journal {
  readonly #path: string;
  readonly #open = new Set<number>();
  #file: number | null = null;
  #lastSeq = 0;

  constructor(path: string) {
    this.#path = path;
  }

  open(): readonly JournalEntry[] {
    this.#file ??= openSync(this.#path, 'a+', 0o600);
    const entries = new Map<number, JournalEntry>();
    for (const line of readFileSync(this.#path, 'utf8').split('\n')) {
      const read = readLine(line);
      if (!read) continue;
      if ('ended' in read) entries.delete(read.ended);
      else entries.set(read.seq, read);
    }
    this.#open.clear();
    for (const seq of entries.keys()) this.#open.add(seq);
    this.#lastSeq = Math.max(this.#lastSeq, ...entries.keys());
    return [...entries.values()];
  }

  append(promotions: readonly Promotion[], at: Date): JournalEntry {
    const file = this.#opened();
    const entry = { seq: ++this.#lastSeq, at, promotions };
    // Begins a line of its own: a death may have torn the one before.
    appendFileSync(file, `\n${JSON.stringify(entry)}\n`);
    this.#open.add(entry.seq);
    return entry;
  }

  end({ seq }: JournalEntry): void {
    const file = this.#opened();
    if (!this.#open.delete(seq)) return;
    if (this.#open.size === 0) ftruncateSync(file);
    else appendFileSync(file, `\n${JSON.stringify({ ended: seq })}\n`);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #opened(): number {
    if (this.#file !== null) return this.#file;
    throw new Error('The journal is not open.');
  }
}

/** null: an empty line, or one that was torn. */
function readLine(line: string): z.infer<typeof lineSchema> | null {
  if (line === '') return null;
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
