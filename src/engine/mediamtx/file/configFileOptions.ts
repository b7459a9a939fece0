import type { Clock } from '../../../core/clock.js';
import type { EngineLog } from '../../engineLog.js';
import type { PathConfig } from '../paths/pathConfig.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import type { Sharing } from '../sharing/sharing.js';
import type { ByteText } from '../yaml/scalar.js';
import type { KeptLines } from './keptLines.js';

export interface ConfigFileOptions {
  readonly path: string;
  /** The text of the file that is made when there is none. */
  readonly template: string;
  readonly ownPaths: OwnPaths;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Edits that put our lines outside `paths` into the text, applied one after the other. Absent: none. */
  readonly edits?: readonly TextEdit[];
  /**
   * Keeps the operator's additions to lines of ours that are not in the file now. Absent: they are remembered only until the file is
   * read again.
   */
  readonly kept?: KeptLines;
  /** Adds to a line what MediaMTX's `pathDefaults` make necessary (`PathDefaults.fit`); absent: nothing is added. */
  readonly fit?: (name: string, config: PathConfig) => PathConfig;
  /** Whether the MediaMTX that reads the file runs. Absent: not known. */
  readonly mediaMtx?: () => MediaMtxFate;
  /** True: MediaMTX runs as our own system user, so no other user needs to read the file. Absent: it may run as another user. */
  readonly isReadByUsAlone?: boolean;
  /** Absent: no other replica writes the file. */
  readonly sharing?: Pick<Sharing, 'mayWrite' | 'writer'>;
}

/**
 * `serves`: its API answers. `died`: camlease started it, and it exited by itself. `away`: camlease did not start it, and nothing listens
 * at its API's address. `unknown`: none of these is certain.
 */
export type MediaMtxFate = 'serves' | 'died' | 'away' | 'unknown';

/**
 * Adds or removes lines of ours in the file's bytes and keeps all others; returns the same bytes when there is nothing to do. `problem`:
 * a sentence with its cure for the operator, when the edit had to leave the text as it is. Throws nothing.
 */
export type TextEdit = (text: ByteText) => { readonly text: ByteText; readonly problem: string | null };
