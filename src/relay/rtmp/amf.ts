/** A value of AMF0, the notation of RTMP commands (Adobe, AMF 0 specification). Objects and ECMA arrays become records. */
export type AmfValue = number | boolean | string | null | undefined | readonly AmfValue[] | AmfRecord;
export interface AmfRecord {
  readonly [key: string]: AmfValue;
}

const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const STRICT_ARRAY = 10;
const DATE = 11;
const LONG_STRING = 12;

/** A server that nests values deeper could exhaust our stack. */
const DEEPEST = 16;
/** Real commands have some twenty values. The limit protects memory: a decoded value takes a hundred times its bytes. */
const MOST_VALUES = 1_000;

/**
 * The values of a command, up to the first that cannot be read: servers add values of their own, AMF3 among them, behind those that we
 * need. Never throws.
 */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  try {
    while (!reader.atEnd) values.push(reader.value(0));
  } catch {
    // The next value is of a kind that we do not read; the values before it are enough.
  }
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > DEEPEST) throw new Error('AMF0 values are nested too deep');
    this.#values += 1;
    if (this.#values > MOST_VALUES) throw new Error('there are too many AMF0 values');
    const marker = this.#take(1).readUInt8();
    switch (marker) {
      case NUMBER:
        return this.#take(8).readDoubleBE();
      case BOOLEAN:
        return this.#take(1).readUInt8() !== 0;
      case STRING:
        return this.#text(this.#take(2).readUInt16BE());
      case LONG_STRING:
        return this.#text(this.#take(4).readUInt32BE());
      case NULL:
        return null;
      case UNDEFINED:
        return undefined;
      case DATE: {
        const milliseconds = this.#take(8).readDoubleBE();
        this.#take(2);
        return milliseconds;
      }
      case OBJECT:
        return this.#record(depth);
      case ECMA_ARRAY:
        this.#take(4); // A hint that some senders leave at 0; the end marker counts.
        return this.#record(depth);
      case STRICT_ARRAY: {
        const length = this.#take(4).readUInt32BE();
        const values: AmfValue[] = [];
        while (values.length < length) values.push(this.value(depth + 1));
        return values;
      }
      default:
        throw new Error(`AMF0 marker ${marker} is not read here`);
    }
  }

  #record(depth: number): AmfRecord {
    const entries: [string, AmfValue][] = [];
    for (;;) {
      const key = this.#text(this.#take(2).readUInt16BE());
      if (key === '' && this.#bytes[this.#at] === OBJECT_END) break;
      entries.push([key, this.value(depth + 1)]);
    }
    this.#take(1);
    return Object.fromEntries(entries);
  }

  #text(length: number): string {
    return this.#take(length).toString('utf8');
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('AMF0 ends in the middle of a value');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

export type AmfArgument = number | string | boolean | null | AmfRecord;

/** Encodes what a player sends: numbers, texts, booleans, null, lists and records of them. */
export function encodeAmf(...values: readonly AmfArgument[]): Buffer {
  return Buffer.concat(values.map(encoded));
}

function encoded(value: AmfValue): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9, NUMBER);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'boolean') return Buffer.from([BOOLEAN, value ? 1 : 0]);
  if (typeof value === 'string') return encodedText(value);
  if (typeof value !== 'object' || value === null) return Buffer.from([NULL]);
  if (isList(value)) {
    const head = Buffer.alloc(5, STRICT_ARRAY);
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(encoded)]);
  }
  const fields = Object.entries(value).flatMap(([key, field]) => [sized(key), encoded(field)]);
  return Buffer.concat([Buffer.from([OBJECT]), ...fields, Buffer.from([0, 0, OBJECT_END])]);
}

function encodedText(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= 0xffff) return Buffer.concat([Buffer.from([STRING]), sized(text)]);
  const head = Buffer.alloc(5, LONG_STRING);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function isList(value: readonly AmfValue[] | AmfRecord): value is readonly AmfValue[] {
  return Array.isArray(value);
}
