import { pullPath, type PathConfig } from '../paths/pathConfig.js';

/**
 * The path that carries the mark of MediaMTX's file: its source is of another kind in each file than in the one before. MediaMTX's API
 * shows the kind of a source, idle ones too, once the paths of that very file are in force, so one question tells which file it has
 * read; and as the path is there all the time, MediaMTX logs none of the questions that come too early. It pulls nothing
 * unless somebody asks for it, and nobody has its name.
 */
export const MARK_PATH = '_camlease/file';

/** Each had the mark in its name once. */
const FORMER_MARK_PATHS = /^_camlease\/file-\d$/;

/** A source for each kind, by the name that MediaMTX's API has for the kind (`source.type` of a path). */
const SOURCES = {
  rtspSource: 'rtsp://127.0.0.1:1/mark',
  rtmpSource: 'rtmp://127.0.0.1:1/mark',
  hlsSource: 'http://127.0.0.1:1/mark',
  srtSource: 'srt://127.0.0.1:1',
  webRTCSource: 'whep://127.0.0.1:1/mark',
} as const;

export type FileMark = keyof typeof SOURCES;

const MARKS = Object.keys(SOURCES).filter(isMark);

/** Another mark than the last one, and none of these, which MediaMTX has or may come to have. */
export function freshMark(last: FileMark | null, taken: ReadonlySet<FileMark>): FileMark {
  const from = last === null ? 0 : MARKS.indexOf(last) + 1;
  const inTurn = [...MARKS.slice(from), ...MARKS.slice(0, from)];
  const others = inTurn.filter((mark) => mark !== last);
  return others.find((mark) => !taken.has(mark)) ?? others[0] ?? 'rtspSource';
}

export function markConfig(mark: FileMark): PathConfig {
  return pullPath(SOURCES[mark], 'watched');
}

/** The mark that this source is; null: none. */
export function markOf(source: unknown): FileMark | null {
  return MARKS.find((mark) => SOURCES[mark] === source) ?? null;
}

/** Also those of files that were written before the mark was a kind of source. */
export function isMarkPath(name: string): boolean {
  return name === MARK_PATH || FORMER_MARK_PATHS.test(name);
}

function isMark(kind: string): kind is FileMark {
  return Object.hasOwn(SOURCES, kind);
}
