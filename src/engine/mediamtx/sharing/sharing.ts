/** What an engine needs to know where several processes may reach the same MediaMTX. */
export interface Sharing {
  /** Asked before everything that changes MediaMTX or its file. */
  readonly mayWrite: () => boolean;
  /** The fence under which this process owns MediaMTX; 0: it does not. */
  readonly fence: () => number;
  /** A fresh name that nobody else has. */
  readonly newId: () => string;
  /** Tells this process's files from those that another one writes in the same folder. */
  readonly writer: string;
  /** The public paths that camlease made in the MediaMTX with this marker; null: nobody said. */
  readonly readPaths: (marker: string) => Promise<readonly string[] | null>;
  readonly writePaths: (marker: string, names: readonly string[]) => Promise<void>;
  /** Gives back the users of ours in MediaMTX that all processes have: these, if no other process named some before. */
  readonly agreeOnUsers: (mine: unknown) => Promise<unknown>;
}

/** Names of paths that no operator has: only camlease makes them. */
export function isInternalName(name: string): boolean {
  return name.startsWith('_lease/') || name.startsWith('_camlease/');
}
