/** What this process may do when several share one database. It may change at any moment, so ask right before acting. */
export interface Ownership {
  /** True: this process alone calls this account's cloud. */
  account(name: string): boolean;
  /** True: this process alone writes the paths of its media server. */
  engine(): boolean;
  /** True: this process alone reads the lists of cameras; absent: it does. */
  lists?(): boolean;
  /** True while another process uses the same database; absent: this process is always alone. */
  isShared?(): boolean;
  /** Calls `listener` after every change. The returned function removes the listener. */
  onChange(listener: () => void): () => void;
}

/** For a process that shares its database with no other: it owns everything. */
export const SOLE_OWNER: Ownership = {
  account: () => true,
  engine: () => true,
  onChange: () => () => undefined,
};
