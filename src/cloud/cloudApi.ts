import type { CloudSource, CloudVendor } from '../core/camera/camera.js';
import type { StreamQuality } from '../core/camera/lease.js';
import type { CameraError } from '../core/errors.js';
import type { OddRecord } from '../core/passes/accountNotes.js';

/** One camera as a vendor's listing shows it. */
export interface ListedCamera {
  readonly deviceSerial: string;
  readonly channel: number;
  /** Empty where the vendor has no such id (EZVIZ). */
  readonly resourceId: string;
  /** The name as people may see it; empty: the listing names none. */
  readonly name: string;
  /** null: the listing does not say. */
  readonly online: boolean | null;
  /** Stream encryption is on, so the cloud would refuse a live URL; null or absent: the listing does not say. */
  readonly encrypted?: boolean | null;
}

/** One page of a listing. */
export interface ListedPage {
  readonly cameras: readonly ListedCamera[];
  /** Records that could not be read. */
  readonly odd: readonly OddRecord[];
  /**
   * On the last page, when the listing did not show all cameras: how many the cloud says there are; null: it repeated itself or
   * changed.
   */
  readonly short?: { readonly promised: number | null };
}

export interface OpenedStream {
  readonly url: string;
  /** From the URL's `expire`, else from the reply, else the life asked for; never later than the life asked for. */
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

/** What a vendor's cloud has words of its own for, where camlease knows an answer without a call. */
export interface CloudWords {
  /** What the operator looks at when the account lists no camera. */
  readonly emptyListingCure: string;
  /** The error with which this cloud refuses a live URL of a camera whose stream encryption is on. */
  readonly encryptedError: () => CameraError;
}

/**
 * One account at one vendor's cloud. Speaks the vendor's protocol and knows nothing of the store. Every method throws
 * `CameraError` (class, the vendor's code, a sentence, a cure), or the reason of an abort, and nothing else. A dead token is
 * renewed once and the call repeated once, inside.
 */
export interface CloudApi {
  readonly vendor: CloudVendor;
  /** The account's name in the configuration. */
  readonly account: string;
  readonly words: CloudWords;
  /** Logs in again: checks the keys, and returns the account's region and the cloud's clock. */
  check(signal?: AbortSignal): Promise<AccountCheck>;
  /** The whole listing, one page at a time. */
  listCameras(signal?: AbortSignal): AsyncIterable<ListedPage>;
  /** Whether a device's stream encryption is on; null: the cloud does not say. Absent where the listing itself says it. */
  isEncrypted?(deviceSerial: string, signal?: AbortSignal): Promise<boolean | null>;
  /** A new live RTMP URL. Older URLs of the camera stay valid until their own end. */
  openStream(
    camera: StreamAddress,
    wanted: { readonly quality: StreamQuality; readonly lifetimeSeconds: number },
    signal?: AbortSignal,
  ): Promise<OpenedStream>;
  /** A picture as the cloud took it (JPEG, any size). */
  capture(camera: StreamAddress, signal?: AbortSignal): Promise<Buffer>;
  /** Gives a URL back. Absent where the vendor has no such call. */
  closeStream?(camera: StreamAddress, urlId: string, signal?: AbortSignal): Promise<void>;
  /** Requests that wait now, by priority, for progress and forecasts. */
  queued(): Readonly<Record<CallPriority, number>>;
  /** Drops waiting requests and closes sockets. */
  close(): void;
}
