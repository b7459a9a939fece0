import path from 'node:path';
import { RELAY_FOLDER } from '../wire/settings.js';
import { controlSecretIn } from '../file/controlSecret.js';
import type { RelayHost } from './relayHost.js';

export interface RemoteHostOptions {
  readonly url: string;
  /** null: read the secret that the relay made, from `DATA_DIR/relay`; this works where both containers share that volume. */
  readonly secret: string | null;
  readonly dataDir: string;
  /** The version of this camlease. */
  readonly version: string;
}

/** A relay at `RELAY_URL` that camlease does not start. MediaMTX reaches it at the host of that URL. */
export function remoteHost({ url, secret, dataDir, version }: RemoteHostOptions): RelayHost {
  return {
    find() {
      const known = secret ?? controlSecretIn(path.join(dataDir, RELAY_FOLDER));
      return known === null ? null : { url, secret: known };
    },
    // Asking it to leave is no use: Docker or systemd would start the same version again.
    suits: () => true,
    remark: (status) => {
      if (status.version === version) return null;
      return {
        message: `The relay at RELAY_URL is of version ${status.version}, and this camlease of ${version}. They work together.`,
        cure: 'Run the same version of both when you can: a restart of the relay drops its viewers for a moment.',
      };
    },
    revive: () => undefined,
    end: () => Promise.resolve(),
    trouble: null,
    cure: 'Start the relay, check RELAY_URL, and give camlease and the relay the same RELAY_SECRET.',
    readerHost: new URL(url).hostname,
  };
}
