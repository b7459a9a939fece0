import type { Clock } from '../../../core/clock.js';
import type { EngineLog } from '../../engineLog.js';
import type { PathConfig } from '../paths/pathConfig.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import type { Sharing } from '../sharing/sharing.js';
import type { ByteText } from '../yaml/scalar.js';
import type { KeptLines } from './keptLines.js';

export interface ConfigFileOptions {
  readonly path: string;
  /** What a first start makes the file from. */
  readonly template: string;
  readonly ownPaths: OwnPaths;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Lines of ours outside `paths`, each edit on what the one before made. Absent: none. */
  readonly edits?: readonly TextEdit[];
  /** What operators added to lines that are not there now. Absent: this process remembers it, until the file is read again. */
  readonly kept?: KeptLines;
  /** What MediaMTX's defaults make of a line; absent: nothing. */
  readonly fit?: (name: string, config: PathConfig) => PathConfig;
  /** How the MediaMTX that reads it fares. Absent: nobody knows. */
  readonly mediaMtx?: () => MediaMtxFate;
  /** MediaMTX runs as the user that this process runs as, so the file has to be open to nobody else. Absent: it may be another one. */
  readonly isReadByUsAlone?: boolean;
  /** Absent: no other process writes it. */
  readonly sharing?: Pick<Sharing, 'mayWrite' | 'writer'>;
}

/**
 * `died`: it is ours, and it ended by itself. `away`: nobody listens where its API should be. `unknown`: neither of the two is certain.
 */
export type MediaMtxFate = 'serves' | 'died' | 'away' | 'unknown';

/**
 * Puts lines of ours into the file's bytes, or takes them out, and leaves all others as they are; gives the same bytes when there is
 * nothing to do. `problem`: a sentence with its cure for a person, when it has to leave the text as it is. Throws nothing.
 */
export type TextEdit = (text: ByteText) => { readonly text: ByteText; readonly problem: string | null };
