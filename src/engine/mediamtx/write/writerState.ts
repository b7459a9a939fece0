import type { FileMark } from '../file/fileMark.js';
import type { PathConfigs } from '../paths/pathConfig.js';

/** What the writer knows of our paths in MediaMTX. */
export type OurPaths =
  /** Nothing: not asked yet, MediaMTX was restarted, or another program edited its file. The next write asks MediaMTX first. */
  | { readonly kind: 'unknown' }
  /** MediaMTX has exactly these. */
  | { readonly kind: 'in-force'; readonly paths: PathConfigs }
  /** A write runs, or ended without a confirmation: MediaMTX has these, the wanted ones, or some of both. */
  | { readonly kind: 'in-doubt'; readonly before: PathConfigs };

/** Whether MediaMTX reads our file. `not-read`: it is on another machine, say, so every change goes through the API. */
export type FileReach = 'unknown' | 'read' | 'not-read';

/** All that the writer knows of MediaMTX. Pure data: `afterEvent` makes the next one. */
export interface WriterState {
  readonly ours: OurPaths;
  /** The operator's paths, as MediaMTX last listed them. */
  readonly foreign: PathConfigs;
  /** Marks that MediaMTX has, or will have once it reads a file that was written. */
  readonly marks: ReadonlySet<FileMark>;
  readonly fileReach: FileReach;
  /** Goes up with each restart of MediaMTX, so that a write notices one that comes meanwhile. */
  readonly restarts: number;
}

export type WriterEvent =
  /** MediaMTX listed its paths. `mark`: the one in its configuration; null: none. */
  | {
      readonly kind: 'listed';
      readonly ours: PathConfigs;
      readonly foreign: PathConfigs;
      readonly mark: FileMark | null;
    }
  /** Some foreign paths are ours from now on. */
  | { readonly kind: 'taken-over'; readonly taken: PathConfigs; readonly foreign: PathConfigs }
  /** A file with this mark is about to be written. */
  | { readonly kind: 'marked'; readonly mark: FileMark }
  /** A write through the API begins, or the file was replaced. */
  | { readonly kind: 'write-begun' }
  | { readonly kind: 'confirmed-by-api'; readonly ours: PathConfigs }
  | { readonly kind: 'confirmed-by-file'; readonly ours: PathConfigs; readonly mark: FileMark }
  /** MediaMTX took up none of the files that were written. */
  | { readonly kind: 'file-not-read' }
  /** Another program edited MediaMTX's file. */
  | { readonly kind: 'edited' }
  | { readonly kind: 'restarted' };

export const NOTHING_KNOWN: WriterState = {
  ours: { kind: 'unknown' },
  foreign: new Map(),
  marks: new Set(),
  fileReach: 'unknown',
  restarts: 0,
};

/** The only transition function of `WriterState`. */
export function afterEvent(state: WriterState, event: WriterEvent): WriterState {
  switch (event.kind) {
    case 'listed': {
      const marks = new Set(event.mark === null ? [] : [event.mark]);
      return { ...state, ours: { kind: 'in-force', paths: event.ours }, foreign: event.foreign, marks };
    }
    case 'taken-over':
      return { ...state, ours: withTaken(state.ours, event.taken), foreign: event.foreign };
    case 'marked':
      return { ...state, marks: new Set([...state.marks, event.mark]) };
    case 'write-begun':
      return state.ours.kind === 'in-force'
        ? { ...state, ours: { kind: 'in-doubt', before: state.ours.paths } }
        : state;
    case 'confirmed-by-api':
      return { ...state, ours: { kind: 'in-force', paths: event.ours } };
    case 'confirmed-by-file': {
      const ours = { kind: 'in-force', paths: event.ours } as const;
      return { ...state, ours, marks: new Set([event.mark]), fileReach: 'read' };
    }
    case 'file-not-read':
      return { ...state, fileReach: 'not-read' };
    case 'edited':
      return { ...state, ours: { kind: 'unknown' } };
    case 'restarted':
      return { ...state, ours: { kind: 'unknown' }, fileReach: 'unknown', restarts: state.restarts + 1 };
  }
}

/** Our paths as MediaMTX has them; null: not known now. */
export function inForce({ ours }: WriterState): PathConfigs | null {
  return ours.kind === 'in-force' ? ours.paths : null;
}

/** `inForce`; during a write, and after one in doubt, our paths as they were before it. null: not known. */
export function lastInForce({ ours }: WriterState): PathConfigs | null {
  return ours.kind === 'in-doubt' ? ours.before : ours.kind === 'in-force' ? ours.paths : null;
}

function withTaken(ours: OurPaths, taken: PathConfigs): OurPaths {
  return ours.kind === 'in-force' && taken.size > 0
    ? { kind: 'in-force', paths: new Map([...ours.paths, ...taken]) }
    : ours;
}
