import type { Clock } from '../../../core/clock.js';
import { HLS_KINDS, type HlsKind } from '../../../core/streams/plays.js';
import type { EngineLog } from '../../engineLog.js';
import type { MediaMtxClient } from './client.js';
import type { GlobalConfigReply } from './replies.js';

export interface ServedLinksDeps {
  readonly client: Pick<MediaMtxClient, 'globalConfig'>;
  readonly clock: Clock;
  readonly log: EngineLog;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
  /** Whether viewers may watch derived streams by these settings. */
  readonly mayWatchDerived: (config: GlobalConfigReply) => boolean;
}

/** A protocol by which viewers watch. */
export type Protocol = 'hls' | 'webrtc';

/** How often MediaMTX's settings are read again: the operator may switch a protocol on or off at any time. */
const ASK_AGAIN_MS = 30_000;

/** Whether viewers' links work: MediaMTX may not serve HLS or WebRTC, or only encrypted. */
export class ServedLinks {
  readonly #deps: ServedLinksDeps;
  #isDerivedOpen = false;
  #config: GlobalConfigReply | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #logged = '';
  #hasToldRights = false;

  constructor(deps: ServedLinksDeps) {
    this.#deps = deps;
  }

  /** Makes the next `refresh` ask, since MediaMTX was restarted or its file changed. */
  forget(): void {
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Reads MediaMTX's settings, at most every 30 s, and logs protocols that are off. Throws the client's errors. */
  async refresh(): Promise<void> {
    const { client, clock, log } = this.#deps;
    if (clock.monotonicMs() - this.#askedAtMs < ASK_AGAIN_MS) return;
    this.#askedAtMs = clock.monotonicMs();
    this.#config = await client.globalConfig();
    this.#learnRights(this.#config);
    const off = this.notServed.map((protocol) => NAMES[protocol]).join(' and no ');
    if (off !== this.#logged && off !== '') {
      log.warn(`MediaMTX serves no ${off}, so those addresses of cameras do not work.`, { cure: ON_CURE });
    }
    this.#logged = off;
  }

  /** True: viewers may watch derived streams; false also before MediaMTX was asked. */
  get isDerivedOpen(): boolean {
    return this.#isDerivedOpen;
  }

  #learnRights(config: GlobalConfigReply): void {
    const isFirst = !this.#hasToldRights;
    this.#isDerivedOpen = this.#deps.mayWatchDerived(config);
    this.#hasToldRights = !this.#isDerivedOpen;
    if (isFirst && !this.#isDerivedOpen) this.#deps.log.info(CLOSED, { cure: OPEN_CURE });
  }

  /** Protocols that are off; none before MediaMTX was asked. */
  get notServed(): readonly Protocol[] {
    const { hls, hlsAddress, webrtc } = this.#config ?? {};
    return [
      ...(hls === false && hlsAddress !== '' ? (['hls'] as const) : []),
      ...(webrtc === false ? (['webrtc'] as const) : []),
    ];
  }

  /** The variant of HLS that MediaMTX serves; null: it was not asked yet, or has one that camlease does not know. */
  get hlsKind(): HlsKind | null {
    return HLS_KINDS.find((kind) => kind === this.#config?.hlsVariant && kind !== 'built-in') ?? null;
  }

  /** Why viewers' links do not work, a sentence with its cure; null: no fault is known. */
  get problem(): string | null {
    if (this.notServed.length === 2)
      return `MediaMTX serves neither HLS nor WebRTC, so nobody can watch a camera. ${ON_CURE}`;
    const { hlsBaseUrl, webrtcBaseUrl } = this.#deps;
    if (this.#config?.hls === true && this.#config.hlsEncryption && isPlain(hlsBaseUrl)) return encrypted('hls', 'HLS');
    const isEncrypted = this.#config?.webrtc === true && this.#config.webrtcEncryption === true;
    return isEncrypted && isPlain(webrtcBaseUrl) ? encrypted('webrtc', 'WEBRTC') : null;
  }
}

const CLOSED =
  'MediaMTX lets viewers not read paths that begin with _sound/, so cameras are heard only by the protocol that carries the codec of their sound.';
const OPEN_CURE =
  "In authInternalUsers of mediamtx.yml write the reading of viewers as - {action: read, path: '~^([^_]|_sound/|_h264/)'}.";

const NAMES = { hls: 'HLS', webrtc: 'WebRTC' } as const;
const ON_CURE = 'Set hls: yes and webrtc: yes in the file of MediaMTX, or use the other protocol.';

function isPlain(url: string): boolean {
  return /^http:/i.test(url);
}

function encrypted(protocol: Protocol, variable: string): string {
  return `MediaMTX serves ${NAMES[protocol]} encrypted (${protocol}Encryption: yes), and ${variable}_BASE_URL begins with http:, so those addresses show nothing. Let it begin with https:, or set ${protocol}Encryption: no.`;
}
