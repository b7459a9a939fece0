/** What this process may do where several share one database. It may change at any moment: ask right before acting. */
export interface Ownership {
  /** True: this process alone calls this account's cloud. */
  account(name: string): boolean;
  /** True: this process alone writes the paths of its media server. */
  engine(): boolean;
  /** True while another process lives on the same database; absent: there is none. */
  isShared?(): boolean;
  /** Called after every change. Returns what takes the listener off again. */
  onChange(listener: () => void): () => void;
}

/** One process, one database. */
export const SOLE_OWNER: Ownership = {
  account: () => true,
  engine: () => true,
  onChange: () => () => undefined,
};
