/** What an engine needs when several replicas may reach the same MediaMTX. */
export interface Sharing {
  /** Whether this replica owns MediaMTX; called before every change of MediaMTX or its file. */
  readonly mayWrite: () => boolean;
  /** The fence under which this replica owns MediaMTX; 0: it does not. */
  readonly fence: () => number;
  /** Makes a unique name. */
  readonly newId: () => string;
  /** Distinguishes this replica's temporary files from those of another in the same folder. */
  readonly writer: string;
  /** The public paths that camlease made in the MediaMTX with this marker; null: none are stored. */
  readonly readPaths: (marker: string) => Promise<readonly string[] | null>;
  readonly writePaths: (marker: string, names: readonly string[]) => Promise<void>;
  /** Returns camlease's users in MediaMTX that all replicas use: `mine`, if no other replica stored its own before. */
  readonly agreeOnUsers: (mine: unknown) => Promise<unknown>;
}

/** True for names of paths that only camlease makes, never an operator. */
export function isInternalName(name: string): boolean {
  return name.startsWith('_lease/') || name.startsWith('_camlease/');
}
