import process from 'node:process';
import { isLoopback, type Config } from '../../config/config.js';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../observe/logger.js';
import { LocalHost } from '../../relay/client/localHost.js';
import { RelayClient } from '../../relay/client/relayClient.js';
import type { RelayHost } from '../../relay/client/relayHost.js';
import { remoteHost } from '../../relay/client/remoteHost.js';
import { relaySpawner } from '../../relay/client/spawnRelay.js';
import { trustOf } from '../../relay/wire/trust.js';
import { packageRoot, readVersion } from '../place/packageRoot.js';

export interface RelayParts {
  readonly config: Pick<Config, 'relay' | 'dataDir' | 'sourceNetworks' | 'mostTranscodes'>;
  /** The address of MediaMTX's API. */
  readonly apiUrl: string;
  /** True: this process starts MediaMTX, which ends with it. */
  readonly ownsMediaMtx: boolean;
  /** True: no other process shares the database. */
  readonly isAlone: boolean;
  /** This process's environment: the relay trusts the certificates that it trusts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Receives every text that must never be shown. */
  readonly keepSecret: (text: string) => void;
}

/** The relay that pulls on-demand and seamless cameras; null: MediaMTX pulls them itself, which is logged with the cure. */
export function createRelay(parts: RelayParts): RelayClient | null {
  const { config, ownsMediaMtx, isAlone, clock, log, keepSecret } = parts;
  const host = hostFor(parts);
  if (host === null) return null;
  if (config.relay?.secret) keepSecret(config.relay.secret);
  const endsWithUs = ownsMediaMtx && host instanceof LocalHost;
  return new RelayClient({ host, clock, isAlone, endsWithUs, keepSecret, log: log.child({ part: 'relay' }) });
}

/**
 * The relay that pulls the cameras of which a person gave the URL, for the embedded engine, which starts it with the first of them; null:
 * RELAY=off. It ends with this process, since the media process, which reads it, does too.
 */
export function createSourceRelay(
  parts: Pick<RelayParts, 'config' | 'environment' | 'clock' | 'log' | 'keepSecret'>,
): RelayClient | null {
  const { config, environment, clock, log, keepSecret } = parts;
  const { relay, dataDir } = config;
  if (!relay || relay.use === 'off') return null;
  if (relay.secret) keepSecret(relay.secret);
  const host =
    relay.url === null
      ? // Only our own media process reads it, so any free port will do.
        localHost({ config, environment, clock }, 0)
      : remoteHost({ url: relay.url, secret: relay.secret, dataDir, version: ownVersion() });
  // Each process has an embedded engine of its own, and so a relay of its own.
  const options = { isAlone: true, endsWithUs: host instanceof LocalHost };
  return new RelayClient({ host, clock, ...options, keepSecret, log: log.child({ part: 'relay' }) });
}

/** The version of the package that a relay is started from, whatever version this process reports. */
function ownVersion(): string {
  return readVersion(packageRoot());
}

function localHost(
  { config, environment, clock }: Pick<RelayParts, 'config' | 'environment' | 'clock'>,
  port: number,
): LocalHost {
  const { dataDir, sourceNetworks, mostTranscodes } = config;
  const spawn = relaySpawner(process.execPath, trustOf(environment));
  return new LocalHost({ dataDir, port, version: ownVersion(), sourceNetworks, mostTranscodes, clock, spawn });
}

function hostFor({ config, apiUrl, environment, clock, log }: RelayParts): RelayHost | null {
  const { relay, dataDir } = config;
  if (!relay) return null;
  if (relay.use === 'off') {
    log.info(
      'RELAY=off: MediaMTX pulls on-demand cameras itself, like direct ones, so each renewal drops their viewers; seamless cameras are treated as always-on.',
    );
    return null;
  }
  const isMediaMtxHere = isHere(apiUrl);
  if (relay.url !== null) {
    if (isHere(relay.url) && !isMediaMtxHere) {
      // No other check notices this: the relay answers camlease, and MediaMTX lists no readers that wait.
      log.warn(
        'RELAY_URL names this machine, but MediaMTX is on another machine and cannot reach the relay there, so camlease does not use the relay: on-demand cameras are treated as direct, and seamless cameras as always-on.',
        {
          cure: 'Run the relay beside MediaMTX with RELAY_HOST, and set RELAY_URL to an address under which MediaMTX can reach it, too.',
        },
      );
      return null;
    }
    log.info('On-demand and seamless cameras go through the relay at RELAY_URL.');
    return remoteHost({ url: relay.url, secret: relay.secret, dataDir, version: ownVersion() });
  }
  if (!isMediaMtxHere) {
    log.warn(
      'MediaMTX is on another machine and RELAY_URL is not set, so each renewal drops the viewers of an on-demand camera, and seamless cameras are treated as always-on.',
      {
        cure: 'Run the relay beside MediaMTX and set RELAY_URL and RELAY_SECRET (docs/concepts/relay.md), or set RELAY=off to stop this warning.',
      },
    );
    return null;
  }
  return localHost({ config, environment, clock }, relay.port);
}

/** By the host's name alone: this machine's own address in a network counts as another machine. */
function isHere(url: string): boolean {
  return isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
