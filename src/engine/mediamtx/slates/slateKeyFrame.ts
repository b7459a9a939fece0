/**
 * The key frame of a slate as NAL units without start codes, parameter sets first. `mp4`: a file (ISO 14496-12, 14496-15) whose first
 * video track is H.264 (`avc1`) and begins with a key frame in its first chunk. null: it is no such file.
 */
export function keyFrameOf(mp4: Buffer): readonly Buffer[] | null {
  try {
    for (const track of boxesIn(mp4, 'moov', 'trak')) {
      const tables = find(track, 'mdia', 'minf', 'stbl');
      const entry = tables && avc1(tables);
      const config = entry && find(entry, 'avcC');
      const sample = tables && firstSample(mp4, tables);
      if (config && sample) return [...parameterSets(config), ...units(sample)];
    }
    return null;
  } catch (thrown) {
    // A length in the file points beyond its end.
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** The bytes of a video sample description before its boxes (ISO 14496-12, 12.1.3). */
const VIDEO_ENTRY_BYTES = 78;
/** The bytes of a table before its entries: version, flags and count. */
const TABLE_HEAD_BYTES = 8;

function avc1(tables: Buffer): Buffer | null {
  const descriptions = find(tables, 'stsd');
  const entry = descriptions && find(descriptions.subarray(TABLE_HEAD_BYTES), 'avc1');
  return entry && entry.subarray(VIDEO_ENTRY_BYTES);
}

function firstSample(mp4: Buffer, tables: Buffer): Buffer | null {
  const [sizes, chunks] = [find(tables, 'stsz'), find(tables, 'stco')];
  if (!sizes || !chunks) return null;
  const sameForAll = sizes.readUInt32BE(4);
  const size = sameForAll > 0 ? sameForAll : sizes.readUInt32BE(TABLE_HEAD_BYTES + 4);
  const at = chunks.readUInt32BE(TABLE_HEAD_BYTES);
  return at + size <= mp4.length ? mp4.subarray(at, at + size) : null;
}

/** The parameter sets in an `avcC`: two counted lists, each set preceded by its length in two bytes. */
function parameterSets(config: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = config.readUInt8(at) & mask;
    at += 1;
    for (let set = 0; set < count; set++) {
      const length = config.readUInt16BE(at);
      found.push(config.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return found;
}

/** The NAL units of a sample, each preceded by its length in four bytes, as in every slate. */
function units(sample: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 < sample.length;) {
    const length = sample.readUInt32BE(at);
    found.push(sample.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

function find(parent: Buffer, ...path: readonly string[]): Buffer | null {
  return boxesIn(parent, ...path)[0] ?? null;
}

/** The bodies of all boxes at this path. */
function boxesIn(parent: Buffer, ...[type, ...rest]: readonly string[]): readonly Buffer[] {
  if (type === undefined) return [parent];
  const found: Buffer[] = [];
  for (let at = 0; at + 8 <= parent.length;) {
    const length = parent.readUInt32BE(at);
    if (length < 8) break;
    if (parent.toString('latin1', at + 4, at + 8) === type)
      found.push(...boxesIn(parent.subarray(at + 8, at + length), ...rest));
    at += length;
  }
  return found;
}
