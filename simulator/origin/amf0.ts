/** A value of AMF0, the notation of RTMP commands. Objects, ECMA arrays and typed objects all become records. */
export type AmfValue = number | boolean | string | null | undefined | Date | AmfValue[] | AmfRecord;
export interface AmfRecord {
  readonly [key: string]: AmfValue;
}

const MARKER = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
  typedObject: 16,
} as const;

/** A client that nests values deeper could exhaust the stack. */
const MAX_DEPTH = 16;

/** All values of a message, in order. Throws when the bytes are not AMF0. */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  while (!reader.atEnd) values.push(reader.value(0));
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > MAX_DEPTH) throw new Error('AMF0 values are nested too deep');
    const marker = this.#take(1).readUInt8();
    switch (marker) {
      case MARKER.number:
        return this.#take(8).readDoubleBE();
      case MARKER.boolean:
        return this.#take(1).readUInt8() !== 0;
      case MARKER.string:
        return this.#text(this.#take(2).readUInt16BE());
      case MARKER.longString:
        return this.#text(this.#take(4).readUInt32BE());
      case MARKER.null:
        return null;
      case MARKER.undefined:
        return undefined;
      case MARKER.object:
        return this.#record(depth);
      case MARKER.ecmaArray:
        this.#take(4); // a hint only: the end marker counts
        return this.#record(depth);
      case MARKER.typedObject:
        this.#text(this.#take(2).readUInt16BE());
        return this.#record(depth);
      case MARKER.strictArray:
        return this.#array(this.#take(4).readUInt32BE(), depth);
      case MARKER.date: {
        const date = new Date(this.#take(8).readDoubleBE());
        this.#take(2);
        return date;
      }
      default:
        throw new Error(`AMF0 marker ${marker} is not known`);
    }
  }

  #array(length: number, depth: number): AmfValue[] {
    const values: AmfValue[] = [];
    for (let i = 0; i < length; i++) values.push(this.value(depth + 1));
    return values;
  }

  #record(depth: number): AmfRecord {
    const entries = new Map<string, AmfValue>();
    for (;;) {
      const key = this.#text(this.#take(2).readUInt16BE());
      if (key === '' && this.#bytes[this.#at] === MARKER.objectEnd) break;
      entries.set(key, this.value(depth + 1));
    }
    this.#take(1);
    return Object.fromEntries(entries);
  }

  #text(length: number): string {
    return this.#take(length).toString('utf8');
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new Error('AMF0 ends in the middle of a value');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

export function encodeAmf(...values: readonly AmfValue[]): Buffer {
  return Buffer.concat(values.map((value) => encodeValue(value)));
}

function encodeValue(value: AmfValue): Buffer {
  if (value === undefined) return Buffer.from([MARKER.undefined]);
  if (value === null) return Buffer.from([MARKER.null]);
  if (typeof value === 'boolean') return Buffer.from([MARKER.boolean, value ? 1 : 0]);
  if (typeof value === 'number') return withDouble(MARKER.number, value);
  if (typeof value === 'string') return encodeString(value);
  if (value instanceof Date) return Buffer.concat([withDouble(MARKER.date, value.getTime()), Buffer.alloc(2)]);
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5, MARKER.strictArray);
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map((item) => encodeValue(item))]);
  }
  const parts = Object.entries(value).flatMap(([key, item]) => [encodeKey(key), encodeValue(item)]);
  return Buffer.concat([Buffer.from([MARKER.object]), ...parts, Buffer.from([0, 0, MARKER.objectEnd])]);
}

function withDouble(marker: number, value: number): Buffer {
  const bytes = Buffer.alloc(9, marker);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= 0xffff) return Buffer.concat([Buffer.from([MARKER.string]), encodeKey(text)]);
  const head = Buffer.alloc(5, MARKER.longString);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function encodeKey(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
