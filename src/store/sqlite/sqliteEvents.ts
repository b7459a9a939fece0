import { setImmediate } from 'node:timers/promises';
import type { CameraId } from '../../core/camera/camera.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { EventDocument, EventTable } from '../driver.js';
import type { Row, SqliteFile } from './sqliteFile.js';

const INSERT = `INSERT INTO events (id, at, cameraId, step, revision, reason, message) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING`;
/** Rows written at a time; between two writes other work gets its turn. */
const WRITE_BATCH = 500;

/** `seq` goes up and is never used again, so it is the order in which events were added. */
export class SqliteEvents implements EventTable {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async add(events: readonly LeaseEvent[]): Promise<void> {
    for (let start = 0; start < events.length; start += WRITE_BATCH) {
      if (start > 0) await setImmediate();
      this.#file.together(() => {
        for (const { id, at, cameraId, step, revision, reason, message } of events.slice(start, start + WRITE_BATCH)) {
          this.#file.run(INSERT, [id, at.getTime(), cameraId, step, revision, reason, message]);
        }
      });
    }
  }

  async newestOf(id: CameraId, limit: number, before?: string): Promise<EventDocument[]> {
    const older = before === undefined ? '' : 'AND (at, seq) < (SELECT at, seq FROM events WHERE id = ?)';
    const sql = `SELECT * FROM events WHERE cameraId = ? ${older} ORDER BY at DESC, seq DESC LIMIT ?`;
    return this.#file.all(sql, [id, ...(before === undefined ? [] : [before]), limit]).map(eventDocument);
  }

  async addedAfter(eventId: string, limit: number): Promise<EventDocument[]> {
    const sql = 'SELECT * FROM events WHERE seq > (SELECT seq FROM events WHERE id = ?) ORDER BY seq LIMIT ?';
    return this.#file.all(sql, [eventId, limit]).map(eventDocument);
  }

  async dropBefore(before: Date): Promise<void> {
    const sql = 'DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE at < ? LIMIT ?)';
    while (this.#file.run(sql, [before.getTime(), WRITE_BATCH]) === WRITE_BATCH) await setImmediate();
  }
}

function eventDocument(row: Row): EventDocument {
  const revision = row['revision'];
  return {
    id: String(row['id']),
    at: new Date(Number(row['at'])),
    cameraId: String(row['cameraId']),
    step: String(row['step']),
    revision: typeof revision === 'number' ? revision : null,
    reason: String(row['reason']),
    message: String(row['message']),
  };
}
