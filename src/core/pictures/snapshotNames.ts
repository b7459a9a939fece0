import type { CameraId } from '../camera/camera.js';
import { zonedTime } from '../zonedTime.js';

/** A snapshot of a camera that is kept as a file. */
export interface KeptSnapshot {
  readonly cameraId: CameraId;
  /** `2026-01-05`, in the time zone of this machine. */
  readonly day: string;
  /** `12-30-05`: the time of that day. */
  readonly time: string;
  readonly takenAt: Date;
  readonly bytes: number;
}

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const TIME = /^(?:[01]\d|2[0-3])-[0-5]\d-[0-5]\d$/;
/** Clients of the Hikvision guide know `<YYYYMMDDHHMM><nn>.jpg`. */
const IMAGE = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.jpg$/;

export function isSnapshotDay(text: string): boolean {
  return DAY.test(text);
}

/** The time that a file's name says; null: it is no snapshot's. */
export function snapshotTimeOf(file: string): string | null {
  const time = file.endsWith('.jpg') ? file.slice(0, -'.jpg'.length) : '';
  return TIME.test(time) ? time : null;
}

/** Day and time of a moment in this IANA time zone (absent: the process's own). */
export function snapshotMoment(at: Date, timeZone?: string): { readonly day: string; readonly time: string } {
  const [day = '', time = ''] = zonedTime(at, 'second', timeZone).split(' ');
  return { day, time: time.replaceAll(':', '-') };
}

/** The last part of a snapshot's address below `/images/<camera id>/`. */
export function snapshotImage({ day, time }: Pick<KeptSnapshot, 'day' | 'time'>): string {
  return `${`${day}${time}`.replaceAll('-', '')}.jpg`;
}

/** The snapshot that such a part names; null: it names none. */
export function snapshotOfImage(file: string): { readonly day: string; readonly time: string } | null {
  const [, year = '', month = '', date = '', ...time] = IMAGE.exec(file) ?? [];
  const moment = { day: [year, month, date].join('-'), time: time.join('-') };
  return DAY.test(moment.day) && TIME.test(moment.time) ? moment : null;
}

/** The day that is so many days before this one. */
export function dayBefore(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}
