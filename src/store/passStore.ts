import type { Pass } from '../core/passes/pass.js';

/** Passes: running ones with their progress, and how the newest 500 ended. Every method may throw `AppError` STORE_UNREACHABLE. */
export interface PassStore {
  savePass(pass: Pass, owner: string): Promise<void>;
  /** null: there is none, or it cannot be read. */
  getPass(id: string): Promise<Pass | null>;
  /** At start: passes that the previous run of this owner left running become failed with PASS_INTERRUPTED. Returns how many. */
  interruptPasses(owner: string, now: Date): Promise<number>;
}
