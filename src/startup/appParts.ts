import type { Vendor } from '../cloud/calls/vendor.js';
import type { ConfigResult } from '../config/config.js';
import type { Clock, Random } from '../core/clock.js';
import type { Log } from '../observe/logger.js';
import type { Redactor } from '../observe/redact.js';

/** What the process hands to the app. */
export interface AppParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly redactor: Redactor;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** This machine's name; absent: unknown. */
  readonly hostName?: string;
  /** Soft limit of open files; null: unknown. */
  readonly openFileLimit: number | null;
  /** The folder with package.json, the template of mediamtx.yml and the built page. */
  readonly packageRoot: string;
  readonly version: string;
  /** The vendors whose cloud accounts there may be; absent: those of the registry. */
  readonly vendors?: readonly Vendor[];
  /** Reads the settings anew, see `watchedSettings`; absent: they are never read again, and no lists of cameras are. */
  readonly readSettings?: () => ConfigResult | null;
  /** The files that the settings were read from, which hold keys. */
  readonly settingsFiles: readonly string[];
}
