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
  /** Whether it is in force at once, or a candidate. */
  readonly as: 'lease' | 'candidate';
  readonly lease: Lease;
}

export type JournaledWrite = { readonly promotions: readonly Promotion[] } | { readonly held: HeldLease };

/** A write that is in force already and not in the database yet. */
export type JournalEntry = JournaledWrite & { readonly seq: number; readonly at: Date };

export interface Journal {
  /** Opens the file; returns the entries that were not ended, oldest first: what a process that died left behind. */
  open(): readonly JournalEntry[];
  /**
   * Adds an entry that survives the death of this process; with `synced`, a power cut too. Throws when the disk refuses, and
   * then leaves nothing behind.
   */
  append(write: JournaledWrite, at: Date, synced: boolean): JournalEntry;
  /** Notes that the entry is in the database. */
  end(entry: JournalEntry): void;
  close(): void;
}

/** The journal's file in `DATA_DIR`. */
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

/** How the journal writes to its file; absent: to the machine's disk. */
export interface JournalDisk {
  readonly append: (file: number, text: string) => void;
  readonly sync: (file: number) => void;
}

const DISK: JournalDisk = { append: (file, text) => appendFileSync(file, text), sync: fsyncSync };

/** A file with one JSON line for each entry and one for each end; emptied whenever no entry is open. Secret: it holds live URLs. */
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
      // Start on a new line: a crash may have torn the line before.
      this.#disk.append(file, `\n${JSON.stringify(added)}\n`);
      if (synced) this.#disk.sync(file);
    } catch (thrown) {
      // Remove what was written: half a line, or a whole one that could not be synced and that the caller takes for failed.
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

/** Syncs the folder too, so that the file's name survives a power cut as its content does. */
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
    // Some file systems cannot sync a folder.
  }
}

/** null: an empty line, or one that a crash tore. */
function readLine(line: string): z.infer<typeof lineSchema> | null {
  if (line === '') return null;
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
