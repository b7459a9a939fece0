import type { ErrorRequestHandler, Express } from 'express';
import type { Machine } from '../core/machine.js';
import type { UpgradeListener } from '../http/transport/listener.js';
import type { HttpDeps } from '../http/route/deps.js';
import type { MediaProcess } from '../media/process/mediaProcess.js';

/** What the listeners of older systems need of camlease: the same parts as its own API. */
export interface CompatDeps extends Pick<
  HttpDeps,
  | 'cameras'
  | 'sources'
  | 'jobs'
  | 'engine'
  | 'outages'
  | 'pictures'
  | 'clock'
  | 'random'
  | 'log'
  | 'redact'
  | 'publicUrl'
  | 'allowedOrigins'
  | 'version'
> {
  readonly media: MediaProcess;
  /** The folder of camlease's own files. */
  readonly dataDir: string;
  /** STUN servers that the `config.json` of MTX-STREAMING names; absent: none. */
  readonly iceServers?: () => readonly string[];
  /** `MAX_CONCURRENT_STREAMS`: the most cameras whose video is transcoded at once for clients of the RTSP Stream Viewer; absent: 4. */
  readonly mostViewerStreams?: number;
  /** HLS of MPEG-TS for clients of SPARKA; absent: segments of 2 s, 3 of them in a playlist. */
  readonly sparkaHls?: { readonly segmentMs: number; readonly listed: number };
  /** Begins to read this machine. */
  readonly openMachine: () => Machine;
}

/** An older system's side of HTTP. */
export interface CompatApp {
  /** Its routes, with their bodies read. A request that none of them answers goes to `errors` as ROUTE_NOT_FOUND. */
  readonly app: Express;
  /** Answers errors in the form that the old clients read. What it passes on is answered in camlease's own form. */
  readonly errors: ErrorRequestHandler;
  /** Whether pages of any site may load what is at this path (pieces of HLS, say). */
  readonly isEmbeddable: (path: string) => boolean;
  /** True: pages in `ALLOWED_ORIGINS` may send their cookies along; absent: they may not. */
  readonly withCredentials?: boolean;
  /** Takes a request for a WebSocket, whose Host and Origin were checked; absent: the system has none. */
  readonly upgrade?: UpgradeListener;
  /** Ends what the system keeps running. */
  close(): Promise<void>;
}
