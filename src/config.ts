import type { CloudVendor } from './core/camera.js';

/** One login at one vendor cloud. */
export interface AccountConfig {
  /** Unique; shown in the API. `hikvision` and `ezviz` for the ones from the environment. */
  readonly name: string;
  readonly vendor: CloudVendor;
  readonly appKey: string;
  readonly secret: string;
  /** Tried in order on OPEN000001; empty: all regions of the vendor. */
  readonly baseUrls: readonly string[];
  /** Cloud streams at once that camlease's own proofs may use. */
  readonly streamBudget: number;
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly mongodbUri: string | null;
  readonly accounts: readonly AccountConfig[];
  readonly streamLifetimeSeconds: number;
  readonly renewCron: string;
  readonly snapshotCron: string;
  readonly discoverCron: string;
  readonly allowUnauthenticated: boolean;
  readonly publicUrl: string | null;
  readonly engine: 'auto' | 'mediamtx' | 'embedded';
  readonly mediamtxApiUrl: string;
  /** True when the operator named it: then MediaMTX is waited for, never started. */
  readonly mediamtxApiUrlGiven: boolean;
  readonly mediamtxConfigPath: string;
  readonly mediamtxBin: string | null;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
  readonly cloudExtraHosts: readonly string[];
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
