import type { CameraStatus, CloudVendor } from '../../core/camera/camera.js';
import { CAMERA_STATUSES, UNNAMED_VENDOR } from '../../core/camera/camera.js';
import { cleanName } from '../../core/camera/cameraName.js';
import { withoutBlanksAround } from '../../core/camera/streamUrl.js';
import type { Vendors } from '../../core/camera/vendors.js';
import { shownValue } from './shownValue.js';

type Fields = Readonly<Record<string, unknown>>;

/** A field that decides which camera a document is, or whether it is served, and that cannot be read. */
export class DocumentFault extends TypeError {
  readonly cure: string;

  constructor(message: string, cure: string) {
    super(message);
    this.cure = cure;
  }

  static of(field: string, value: unknown, takes: string): DocumentFault {
    const message = `${field} has a wrong type or value: ${shownValue(field, value)}`;
    return new DocumentFault(message, `Set ${field} to ${takes}.`);
  }
}

const TRUE_WORDS = new Set(['true', 'yes', 'on', 'y', 't', '1', 'enabled']);
const FALSE_WORDS = new Set(['false', 'no', 'off', 'n', 'f', '0', 'disabled']);

/** What home-made systems call a camera's status. `inactive` may mean offline or disabled, so a listing decides later. */
const STATUS_WORDS: ReadonlyMap<string, CameraStatus> = new Map([
  ...CAMERA_STATUSES.map((status): [string, CameraStatus] => [status, status]),
  ...['online', 'on', 'true', 'yes', '1', 'ok', 'up', 'enabled', 'running', 'live', 'connected', 'streaming'].map(
    (word): [string, CameraStatus] => [word, 'active'],
  ),
  ...['inactive', 'off', 'false', 'no', '0', 'down', 'disconnected', 'unreachable', 'stopped'].map(
    (word): [string, CameraStatus] => [word, 'offline'],
  ),
]);

/** The fields of a document as people and other programs write them, read by what they mean. */
export class HandMadeFields {
  /** One sentence for people for each value that was taken otherwise than it is written. */
  readonly remarks: string[] = [];
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** Trimmed text, numbers as text; empty: absent, or no text at all. */
  text(field: string): string {
    return textOf(this.#fields[field]) ?? '';
  }

  /** True when the field holds something that is no text. */
  isOdd(field: string): boolean {
    const value = this.#fields[field];
    return value !== undefined && value !== null && typeof value !== 'string';
  }

  /** A name for people: one line, composed, at most 100 characters. */
  name(field: string, otherwise: string): string {
    const text = textOf(this.#fields[field]);
    if (text === null) this.#replaced(field, `"${otherwise}" is its name`);
    const clean = cleanName(text ?? '');
    return clean === '' ? otherwise : clean;
  }

  /** Throws `DocumentFault` for a value that is neither yes nor no. */
  flag(field: string, otherwise: boolean): boolean {
    const flag = flagOf(this.#fields[field], otherwise);
    if (flag === null) throw DocumentFault.of(field, this.#fields[field], 'true or false');
    return flag;
  }

  /** Throws `DocumentFault` for an unknown word. */
  status(field: string): CameraStatus {
    const text = wordOf(this.#fields[field]);
    if (text === '') return 'active';
    const status = text === null ? undefined : STATUS_WORDS.get(text);
    if (status === undefined)
      throw DocumentFault.of(field, this.#fields[field], `one of ${CAMERA_STATUSES.join(', ')}`);
    if (status === 'offline' && text !== 'offline')
      this.#replaced(field, 'the camera counts as offline until a listing of its account shows its state');
    return status;
  }

  /** Throws `DocumentFault` for a vendor whose cloud camlease does not know. */
  vendor(field: string, vendors: Vendors): CloudVendor {
    const text = wordOf(this.#fields[field]);
    if (text === '') return UNNAMED_VENDOR;
    const vendor = text === null ? null : vendors.byWord(text);
    if (vendor === null) throw DocumentFault.of(field, this.#fields[field], vendors.names.join(' or '));
    return vendor;
  }

  /**
   * The channel, from 1; `otherwise` when the field is empty. Throws `DocumentFault` when it cannot be read and `otherwise` is
   * null.
   */
  channel(field: string, otherwise: number | null): number | null {
    const text = textOf(this.#fields[field]);
    if (text === '') return otherwise;
    const channel = text !== null && /^\d{1,6}(?:\.0+)?$/.test(text) ? Number(text) : 0;
    if (channel >= 1) return channel;
    if (otherwise === null) throw DocumentFault.of(field, this.#fields[field], "the device's channel, from 1");
    this.#replaced(field, `camlease uses channel ${otherwise} of its URL`);
    return otherwise;
  }

  /** One of the choices; an unknown word becomes `otherwise`, with a remark. */
  choice<T extends string>(field: string, choices: readonly T[], otherwise: T): T {
    const text = wordOf(this.#fields[field]);
    if (text === '') return otherwise;
    const found = choices.find((choice) => choice === text?.replace(/[\s_]+/g, '-'));
    if (found === undefined)
      this.#replaced(field, `camlease uses "${otherwise}"; the field can be ${choices.join(', ')}`);
    return found ?? otherwise;
  }

  /** A switch that changes how the camera is served, not whether: an unreadable value becomes `otherwise`, with a remark. */
  preference(field: string, otherwise: boolean): boolean {
    const flag = flagOf(this.#fields[field], otherwise);
    if (flag === null) this.#replaced(field, `${otherwise} is taken`);
    return flag ?? otherwise;
  }

  /** A list of words, or text with commas between. */
  words(field: string): string[] {
    const value = this.#fields[field];
    if (value === undefined || value === null) return [];
    const items: readonly unknown[] = Array.isArray(value) ? value : (textOf(value)?.split(',') ?? [value]);
    const words = items.slice(0, 50).map((item) => textOf(item)?.slice(0, 50) ?? '');
    if (items.some((item) => textOf(item) === null))
      this.#replaced(field, 'camlease ignores every entry that is not text');
    return [...new Set(words.filter((word) => word !== ''))];
  }

  date(field: string): Date | null {
    return dateOf(this.#fields[field]);
  }

  remark(sentence: string): void {
    this.remarks.push(sentence);
  }

  #replaced(field: string, instead: string): void {
    this.remarks.push(`This document says ${field}: ${shownValue(field, this.#fields[field])}; ${instead}.`);
  }
}

/** Trimmed text; numbers, also MongoDB's long ones, as text; '' for an absent value; null for what is no text. */
export function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return withoutBlanksAround(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return null;
  return longNumberOf(value);
}

/** A number as MongoDB's library, its JSON, or a copy of either writes it. */
function longNumberOf(value: object): string | null {
  if (isNumberOfMongo(value)) return (value as { toString(radix: number): string }).toString(10);
  const entries = Object.entries(value);
  const [name, text] = entries[0] ?? [];
  if (entries.length === 1 && /^\$number(?:Long|Int|Double|Decimal)$/.test(name ?? '')) return textOf(text);
  const { high, low } = value as { high?: unknown; low?: unknown };
  if (typeof high !== 'number' || typeof low !== 'number') return null;
  return String(BigInt(high) * 4_294_967_296n + BigInt(low >>> 0));
}

function isNumberOfMongo(value: object): boolean {
  const type = '_bsontype' in value ? value._bsontype : null;
  return typeof type === 'string' && ['Long', 'Int32', 'Double', 'Decimal128'].includes(type);
}

function wordOf(value: unknown): string | null {
  return typeof value === 'boolean' ? String(value) : (textOf(value)?.toLowerCase() ?? null);
}

function flagOf(value: unknown, otherwise: boolean): boolean | null {
  const text = wordOf(value);
  if (text === '') return otherwise;
  if (text === null) return null;
  return TRUE_WORDS.has(text) ? true : FALSE_WORDS.has(text) ? false : null;
}

function dateOf(value: unknown): Date | null {
  const inner = typeof value === 'object' && value !== null && '$date' in value ? value.$date : value;
  const date =
    inner instanceof Date
      ? inner
      : typeof inner === 'string' || typeof inner === 'number'
        ? new Date(inner)
        : new Date(Number.NaN);
  return Number.isNaN(date.getTime()) || date.getFullYear() < 1990 || date.getFullYear() > 2200 ? null : date;
}
