import { pullPath, type PathConfig } from '../paths/pathConfig.js';

/**
 * The path that marks MediaMTX's file: each file that we write gives it a source of another kind than the file before. MediaMTX's API
 * shows the kind of an idle source too, as soon as the paths of that file are in force, so one request tells which file MediaMTX has
 * read. As the path always exists, MediaMTX logs no error for requests that come too early. It pulls only when read, and no reader
 * asks for this name.
 */
export const MARK_PATH = '_camlease/file';

/** Names of the mark's path in files of earlier versions, which had the mark in the name. */
const FORMER_MARK_PATHS = /^_camlease\/file-\d$/;

/** A source of each kind, by the kind's name in MediaMTX's API (`source.type` of a path). */
const SOURCES = {
  rtspSource: 'rtsp://127.0.0.1:1/mark',
  rtmpSource: 'rtmp://127.0.0.1:1/mark',
  hlsSource: 'http://127.0.0.1:1/mark',
  srtSource: 'srt://127.0.0.1:1',
  webRTCSource: 'whep://127.0.0.1:1/mark',
} as const;

export type FileMark = keyof typeof SOURCES;

const MARKS = Object.keys(SOURCES).filter(isMark);

/** A mark other than `last`, and if possible none of `taken`, which MediaMTX has or may read. */
export function freshMark(last: FileMark | null, taken: ReadonlySet<FileMark>): FileMark {
  const from = last === null ? 0 : MARKS.indexOf(last) + 1;
  const inTurn = [...MARKS.slice(from), ...MARKS.slice(0, from)];
  const others = inTurn.filter((mark) => mark !== last);
  return others.find((mark) => !taken.has(mark)) ?? others[0] ?? 'rtspSource';
}

export function markConfig(mark: FileMark): PathConfig {
  return pullPath(SOURCES[mark], 'watched');
}

/** The mark with this source; null: it is no mark's source. */
export function markOf(source: unknown): FileMark | null {
  return MARKS.find((mark) => SOURCES[mark] === source) ?? null;
}

/** True for the mark's path, also in files of earlier versions. */
export function isMarkPath(name: string): boolean {
  return name === MARK_PATH || FORMER_MARK_PATHS.test(name);
}

function isMark(kind: string): kind is FileMark {
  return Object.hasOwn(SOURCES, kind);
}
