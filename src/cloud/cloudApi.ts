import type { CloudSource, CloudVendor } from '../core/camera/camera.js';
import type { StreamQuality } from '../core/camera/lease.js';
import type { OddRecord } from '../core/passes/accountNotes.js';

/** One camera as a vendor's listing shows it. */
export interface ListedCamera {
  readonly deviceSerial: string;
  readonly channel: number;
  /** Empty where the vendor has none (EZVIZ). */
  readonly resourceId: string;
  /** As people may see it; empty: the listing names none. */
  readonly name: string;
  /** null: the listing does not say. */
  readonly online: boolean | null;
  /** Stream encryption is on, so that a live address would be refused; null or absent: the listing does not say. */
  readonly encrypted?: boolean | null;
}

/** One page of a listing. */
export interface ListedPage {
  readonly cameras: readonly ListedCamera[];
  /** Records that could not be read. */
  readonly odd: readonly OddRecord[];
  /** On the last page, when the listing did not show all: how many the cloud says there are; null: it repeated itself or changed. */
  readonly short?: { readonly promised: number | null };
}

export interface OpenedStream {
  readonly url: string;
  /** From the URL's `expire`, else from the reply, else the asked life; never later than what was asked for. */
  readonly expiresAt: Date;
  readonly urlId: string | null;
}

export interface AccountCheck {
  /** The host that later calls go to. */
  readonly areaDomain: string;
  /** The cloud's own clock, from its Date header; null when it sent none. */
  readonly cloudTime: Date | null;
}

/** Calls of one account wait in one queue, at most 5 a second; a lower number goes first. */
export const CALL_PRIORITY = { renew: 0, discover: 1, capture: 2 } as const;
export type CallPriority = keyof typeof CALL_PRIORITY;

export type StreamAddress = Pick<CloudSource, 'deviceSerial' | 'resourceId'> & { readonly channel: number };

/**
 * One account at one vendor cloud. Speaks the vendor's protocol and knows nothing of our store.
 * Every method throws `CameraError` (class, the vendor's code, a sentence, a cure) and nothing else but an abort.
 * A dead token is renewed once and the call repeated once, inside.
 */
export interface CloudApi {
  readonly vendor: CloudVendor;
  /** The account's name in the configuration. */
  readonly account: string;
  /** Logs in afresh: are the keys good, which region is it, what time does the cloud think it is? */
  check(signal?: AbortSignal): Promise<AccountCheck>;
  /** The listing, a page at a time, to the end. */
  listCameras(signal?: AbortSignal): AsyncIterable<ListedPage>;
  /** Whether a device's stream encryption is on; absent where the listing says so itself. null: the cloud does not say. */
  isEncrypted?(deviceSerial: string, signal?: AbortSignal): Promise<boolean | null>;
  /** A new live RTMP URL. Older URLs of the camera stay valid to their own end. */
  openStream(
    camera: StreamAddress,
    wanted: { readonly quality: StreamQuality; readonly lifetimeSeconds: number },
    signal?: AbortSignal,
  ): Promise<OpenedStream>;
  /** A picture as the cloud took it (JPEG, any size). */
  capture(camera: StreamAddress, signal?: AbortSignal): Promise<Buffer>;
  /** Takes a URL back. Absent where the vendor has no such call. */
  closeStream?(camera: StreamAddress, urlId: string, signal?: AbortSignal): Promise<void>;
  /** Requests waiting now, by priority: for progress and forecasts. */
  queued(): Readonly<Record<CallPriority, number>>;
  /** Drops what waits and closes sockets. */
  close(): void;
}
