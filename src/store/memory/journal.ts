import {
  appendFileSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  type PathLike,
} from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { CameraId } from '../../core/camera/camera.js';
import type { Lease } from '../../core/camera/lease.js';
import type { Promotion } from '../cameraStore.js';
import { leaseSchema, tracksSchema } from '../reading/cameraDocument.js';

/** A lease that was obtained while the database was away. */
export interface HeldLease {
  readonly id: CameraId;
  /** What it is to be there: in force at once, or a candidate. */
  readonly as: 'lease' | 'candidate';
  readonly lease: Lease;
}

export type JournaledWrite = { readonly promotions: readonly Promotion[] } | { readonly held: HeldLease };

/** A write that holds already and is not in the database yet. */
export type JournalEntry = JournaledWrite & { readonly seq: number; readonly at: Date };

export interface Journal {
  /** What was not ended, oldest first: what a process that died leaves behind. */
  open(): readonly JournalEntry[];
  /** Survives the death of this process; with `synced` a power cut, too. Throws, and leaves nothing behind, when it cannot. */
  append(write: JournaledWrite, at: Date, synced: boolean): JournalEntry;
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
const entry = {
  seq: z.int(),
  at: z.iso.datetime().transform((text) => new Date(text)),
};
const lineSchema = z.union([
  z.object({ ...entry, promotions: z.array(promotionSchema) }),
  z.object({
    ...entry,
    held: z.object({ id: z.string(), as: z.enum(['lease', 'candidate']), lease: leaseSchema }),
  }),
  z.object({ ended: z.int() }),
]);

/** How the file is written to; absent: the machine's disk. */
export interface JournalDisk {
  readonly append: (file: number, text: string) => void;
  readonly sync: (file: number) => void;
}

const DISK: JournalDisk = { append: (file, text) => appendFileSync(file, text), sync: fsyncSync };

/** A file of one JSON line per entry, and one per end; it is emptied whenever nothing is open. Secret: it holds live URLs. */
export class JournalFile implements Journal {
  readonly #path: string;
  readonly #disk: JournalDisk;
  readonly #open = new Set<number>();
  #file: number | null = null;
  #lastSeq = 0;

  constructor(file: string, disk: JournalDisk = DISK) {
    this.#path = file;
    this.#disk = disk;
  }

  open(): readonly JournalEntry[] {
    this.#file ??= openFile(this.#path);
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

  append(write: JournaledWrite, at: Date, synced: boolean): JournalEntry {
    const file = this.#opened();
    const added = { seq: this.#lastSeq + 1, at, ...write };
    const { size } = fstatSync(file);
    try {
      // Begins a line of its own: a death may have torn the one before.
      this.#disk.append(file, `\n${JSON.stringify(added)}\n`);
      if (synced) this.#disk.sync(file);
    } catch (thrown) {
      // Half a line, or a whole one that nobody will act upon.
      ftruncateSync(file, size);
      throw thrown;
    }
    this.#lastSeq = added.seq;
    this.#open.add(added.seq);
    return added;
  }

  end({ seq }: JournalEntry): void {
    const file = this.#opened();
    if (!this.#open.delete(seq)) return;
    if (this.#open.size === 0) ftruncateSync(file);
    else this.#disk.append(file, `\n${JSON.stringify({ ended: seq })}\n`);
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

/** The file's name survives a power cut as its content does; some file systems cannot sync a folder. */
function openFile(file: string): number {
  const opened = openSync(file, 'a+', 0o600);
  syncFolder(path.dirname(file));
  return opened;
}

function syncFolder(folder: PathLike): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // See above.
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
