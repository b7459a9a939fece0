import hls from 'hls-parser';
import { SourceFault } from '../dialing/sourceFault.js';
import { httpUrl } from '../dialing/checkedGet.js';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface PlaylistPart {
  readonly url: URL;
  readonly range: ByteRange | null;
}

export interface PlaylistKey {
  readonly url: URL;
  /** 16 bytes; null: the segment's number is the initialisation vector (RFC 8216, 5.2). */
  readonly iv: Buffer | null;
}

export interface PlaylistSegment extends PlaylistPart {
  /** Media sequence number. */
  readonly number: number;
  readonly durationMs: number;
  /** What a fragmented MP4 begins with; null: the segment stands for itself (MPEG-TS). */
  readonly map: PlaylistPart | null;
  /** AES-128 over the whole segment; null: not encrypted. */
  readonly key: PlaylistKey | null;
  readonly isDiscontinuous: boolean;
  /** The server says that it has none of this segment. */
  readonly isGap: boolean;
}

export interface MediaPlaylist {
  readonly kind: 'media';
  readonly targetMs: number;
  readonly segments: readonly PlaylistSegment[];
  /** Nothing is added to it any more. */
  readonly isOver: boolean;
}

export interface MasterPlaylist {
  readonly kind: 'master';
  /** The variant to read. */
  readonly best: URL;
  /** The list of its sound; null: the variant's own segments hold its sound, if it has any. */
  readonly sound: URL | null;
}

/** A playlist of a day of two-second segments is longer than any live one. */
const MOST_SEGMENTS = 50_000;
const SHORTEST_TARGET_MS = 500;
const LONGEST_TARGET_MS = 60_000;

/**
 * Reads a playlist (RFC 8216). `base`: where it came from, which its relative addresses begin at. Throws `SourceFault` for what is no playlist, and for
 * addresses in it that are not http or https.
 */
export function readPlaylist(text: string, base: URL): MediaPlaylist | MasterPlaylist {
  if (!/^\uFEFF?#EXTM3U/.test(text)) throw new SourceFault('not-a-stream', 'NO_PLAYLIST');
  const playlist = parsed(text.replace(/^\uFEFF/, ''));
  if (playlist.isMasterPlaylist) return masterOf(playlist, base);
  const media = playlist;
  // Low latency: of the segment that is not whole yet there are parts, and no address.
  const whole = media.segments.filter(({ uri }) => uri !== '');
  if (media.segments.length > MOST_SEGMENTS) throw new SourceFault('not-a-stream', 'TOO_LONG');
  const targetMs = Math.min(LONGEST_TARGET_MS, Math.max(SHORTEST_TARGET_MS, (media.targetDuration || 6) * 1_000));
  const ends = new Map<string, number>();
  return {
    kind: 'media',
    targetMs,
    isOver: media.endlist,
    segments: whole.map((segment) => segmentOf(segment, base, targetMs, ends)),
  };
}

function parsed(text: string): hls.types.MasterPlaylist | hls.types.MediaPlaylist {
  hls.setOptions({ silent: true });
  try {
    return hls.parse(text);
  } catch {
    throw new SourceFault('not-a-stream', 'PLAYLIST');
  }
}

function segmentOf(
  segment: hls.types.Segment,
  base: URL,
  targetMs: number,
  ends: Map<string, number>,
): PlaylistSegment {
  const { uri, key, duration } = segment;
  // The library's types say that each segment has one; undefined: MPEG-TS.
  const map = segment.map as hls.types.MediaInitializationSection | undefined;
  if (key && key.method !== 'NONE' && (key.method !== 'AES-128' || key.uri === undefined))
    throw new SourceFault('codec', 'ENCRYPTED');
  return {
    url: httpUrl(uri, base),
    range: rangeOf(uri, segment.byterange, ends),
    number: segment.mediaSequenceNumber,
    durationMs: Number.isFinite(duration) && duration > 0 ? Math.min(duration * 1_000, LONGEST_TARGET_MS) : targetMs,
    map: map ? { url: httpUrl(map.uri, base), range: rangeOf(map.uri, map.byterange, new Map()) } : null,
    key: key?.method === 'AES-128' && key.uri !== undefined ? { url: httpUrl(key.uri, base), iv: ivOf(key.iv) } : null,
    isDiscontinuous: segment.discontinuity === true,
    isGap: segment.gap === true,
  };
}

/** A range without an offset begins where the one before it in the same resource ended. */
function rangeOf(uri: string, range: Partial<ByteRange> | undefined, ends: Map<string, number>): ByteRange | null {
  if (range?.length === undefined) return null;
  const offset = range.offset !== undefined && range.offset >= 0 ? range.offset : (ends.get(uri) ?? 0);
  ends.set(uri, offset + range.length);
  return { offset, length: range.length };
}

function ivOf(iv: ArrayBuffer | ArrayBufferView | undefined): Buffer | null {
  if (iv === undefined) return null;
  const bytes = ArrayBuffer.isView(iv) ? Buffer.from(iv.buffer, iv.byteOffset, iv.byteLength) : Buffer.from(iv);
  if (bytes.length !== 16) throw new SourceFault('not-a-stream', 'KEY');
  return bytes;
}

/** The variant with the most bits a second among those of H.264; where none is, among all that hold pictures. */
function masterOf({ variants }: hls.types.MasterPlaylist, base: URL): MasterPlaylist {
  const pictures = variants.filter(
    ({ isIFrameOnly, codecs, resolution }) =>
      isIFrameOnly !== true &&
      (codecs === undefined || resolution !== undefined || /avc|hvc|hev|dvh|vp0?9|av01/i.test(codecs)),
  );
  const avc = pictures.filter(({ codecs }) => codecs === undefined || /avc[13]/i.test(codecs));
  const [first] = (avc.length > 0 ? avc : pictures).sort((a, b) => b.bandwidth - a.bandwidth);
  if (first === undefined) throw new SourceFault('not-a-stream', 'NO_PICTURE');
  const sound = first.audio.find(({ isDefault }) => isDefault) ?? first.audio[0];
  return {
    kind: 'master',
    best: httpUrl(first.uri, base),
    sound: sound?.uri === undefined || sound.uri === '' ? null : httpUrl(sound.uri, base),
  };
}
