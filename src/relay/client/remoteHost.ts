import path from 'node:path';
import { RELAY_FOLDER } from '../wire/settings.js';
import { controlSecretIn } from '../file/controlSecret.js';
import type { RelayHost } from './relayHost.js';

export interface RemoteHostOptions {
  readonly url: string;
  /** null: what the relay made for itself, where its folder is `DATA_DIR/relay` of ours, too (a volume of both containers). */
  readonly secret: string | null;
  readonly dataDir: string;
  /** Of this camlease. */
  readonly version: string;
}

/** A relay that runs by itself, at `RELAY_URL`. MediaMTX reaches it under the same host. */
export function remoteHost({ url, secret, dataDir, version }: RemoteHostOptions): RelayHost {
  return {
    find() {
      const known = secret ?? controlSecretIn(path.join(dataDir, RELAY_FOLDER));
      return known === null ? null : { url, secret: known };
    },
    // Whoever runs it starts the same one again.
    suits: () => true,
    remark: (status) => {
      if (status.version === version) return null;
      return {
        message: `The relay at RELAY_URL is of version ${status.version}, and this camlease of ${version}. They work together.`,
        cure: 'Run the same version of both when you can: starting the relay anew drops its viewers for a moment.',
      };
    },
    revive: () => undefined,
    end: () => Promise.resolve(),
    trouble: null,
    cure: 'Start the relay, check RELAY_URL, and give camlease and the relay the same RELAY_SECRET.',
    readerHost: new URL(url).hostname,
  };
}
