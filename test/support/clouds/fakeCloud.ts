import type { Clock } from '../../../src/core/clock.js';
import type { OddRecord } from '../../../src/core/passes/accountNotes.js';
import type { CloudVendor } from '../../../src/core/camera/camera.js';
import { CameraError } from '../../../src/core/errors.js';
import type {
  AccountCheck,
  CallPriority,
  CloudApi,
  CloudWords,
  ListedCamera,
  ListedPage,
  OpenedStream,
} from '../../../src/cloud/cloudApi.js';
import { HIK_CONNECT } from '../../../src/cloud/hikConnect/hikConnectVendor.js';
import { VENDORS } from '../../../src/cloud/vendors/registry.js';
import { CallQueue } from '../../../src/cloud/calls/rateLimit.js';

const PAGE = 500;

export interface FakeCall {
  readonly kind: 'list' | 'open' | 'capture' | 'close';
  /** `<serial>_<channel>`; empty for a listing. */
  readonly ref: string;
  readonly quality?: string;
  readonly atMs: number;
}

export function aListedCamera(number: number, more: Partial<ListedCamera> = {}): ListedCamera {
  const deviceSerial = `SN${String(number).padStart(7, '0')}`;
  return { deviceSerial, channel: 1, resourceId: `res-${number}`, name: `Camera ${number}`, online: true, ...more };
}

/** A `CloudApi` in memory with the real queue of 5 requests a second. Its answers can be changed at any time. */
export class FakeCloud implements CloudApi {
  readonly vendor: CloudVendor;
  readonly words: CloudWords;
  readonly account: string;
  listed: ListedCamera[];
  /** Records of the listing that cannot be read; they are on its first page. */
  odd: OddRecord[] = [];
  /** What the last page reports about a listing that ends too early; null: the listing is complete. */
  short: ListedPage['short'] | null = null;
  /** The error with which a camera's calls are refused, by camera. */
  readonly refusals = new Map<string, CameraError>();
  /** The error with which giving back a URL is refused, by URL id. */
  readonly closeRefusals = new Map<string, CameraError>();
  /** The error of every capture; null: captures succeed. */
  captureRefusal: CameraError | null = null;
  /** The error of every listing, and of listings alone; null: listings succeed. */
  listRefusal: CameraError | null = null;
  /** The error of every call of the account; null: calls succeed. */
  refusal: CameraError | null = null;
  picture: Buffer = Buffer.from('a picture');
  readonly calls: FakeCall[] = [];
  readonly closeStream?: NonNullable<CloudApi['closeStream']>;
  readonly #clock: Clock;
  readonly #queue: CallQueue;
  #urls = 0;

  constructor(clock: Clock, account: string, listed: ListedCamera[], options: { vendor?: CloudVendor } = {}) {
    this.#clock = clock;
    this.account = account;
    this.listed = listed;
    this.vendor = options.vendor ?? 'hikconnect';
    this.words = (VENDORS.find(({ name }) => name === this.vendor) ?? HIK_CONNECT).words;
    this.#queue = new CallQueue(clock);
    if (this.vendor !== 'ezviz') return;
    this.closeStream = ({ deviceSerial, channel }, urlId, signal) =>
      this.#call('capture', 'close', `${deviceSerial}_${channel} ${urlId}`, signal, () => undefined);
  }

  async check(): Promise<AccountCheck> {
    return { areaDomain: 'https://area.test', cloudTime: this.#clock.now() };
  }

  async *listCameras(signal?: AbortSignal): AsyncGenerator<ListedPage> {
    for (let first = 0; first === 0 || first < this.listed.length; first += PAGE) {
      yield await this.#call('discover', 'list', '', signal, () => ({
        cameras: this.listed.slice(first, first + PAGE),
        odd: first === 0 ? this.odd : [],
        ...(this.short && { short: this.short }),
      }));
    }
  }

  openStream(
    { deviceSerial, channel }: { deviceSerial: string; channel: number },
    wanted: { readonly quality: 'main' | 'sub'; readonly lifetimeSeconds: number },
    signal?: AbortSignal,
  ): Promise<OpenedStream> {
    const ref = `${deviceSerial}_${channel}`;
    return this.#call('renew', 'open', ref, signal, () => this.#open(ref, wanted), wanted.quality);
  }

  capture({ deviceSerial, channel }: { deviceSerial: string; channel: number }, signal?: AbortSignal): Promise<Buffer> {
    return this.#call('capture', 'capture', `${deviceSerial}_${channel}`, signal, () => this.picture);
  }

  queued(): Readonly<Record<CallPriority, number>> {
    return this.#queue.queued();
  }

  close(): void {
    this.#queue.close();
  }

  opened(): string[] {
    return this.calls.filter(({ kind }) => kind === 'open').map(({ ref }) => ref);
  }

  #open(ref: string, wanted: { readonly quality: 'main' | 'sub'; readonly lifetimeSeconds: number }): OpenedStream {
    const expire = Math.floor(this.#clock.now().getTime() / 1000) + wanted.lifetimeSeconds;
    const urlId = String(++this.#urls);
    const path = `${ref}_${wanted.quality === 'main' ? 1 : 2}`;
    const url = `rtmp://vtm.ezvizlife.com:1935/v3/openlive/${path}?expire=${expire}&id=${urlId}`;
    return { url, expiresAt: new Date(expire * 1000), urlId };
  }

  #call<T>(
    priority: CallPriority,
    kind: FakeCall['kind'],
    ref: string,
    signal: AbortSignal | undefined,
    answer: () => T,
    quality?: string,
  ): Promise<T> {
    return this.#queue.run(
      priority,
      async (departed) => {
        departed();
        this.calls.push({ kind, ref, atMs: this.#clock.monotonicMs(), ...(quality !== undefined && { quality }) });
        const named = {
          open: this.refusals.get(ref),
          close: this.closeRefusals.get(ref.split(' ')[1] ?? ''),
          capture: this.captureRefusal,
        };
        const refusal = this.refusal ?? (kind === 'list' ? this.listRefusal : named[kind]);
        if (refusal) throw refusal;
        return answer();
      },
      signal,
    );
  }
}

export const refused = {
  offline: new CameraError('EVZ20007', 'camera-state', 'The device is offline.', { cure: 'Check its network.' }),
  encrypted: new CameraError('EVZ60019', 'permanent', 'The stream is encrypted.', {
    cure: 'Switch encryption off.',
    ofSettings: true,
  }),
  deleted: new CameraError('OPEN000503', 'permanent', 'The cloud knows no such camera.', { cure: 'Delete it here.' }),
  timeout: new CameraError('CLOUD_TIMEOUT', 'retry', 'The cloud did not answer.', { cure: 'It is tried again.' }),
  keys: new CameraError('OPEN000001', 'permanent', 'The cloud knows no such key.', {
    ...{ cure: 'Check key and secret.', accountWide: true },
  }),
};
