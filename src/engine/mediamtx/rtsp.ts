import type { CameraId } from '../../core/camera.js';
import { leasePathName } from './pathConfig.js';
import type { GlobalConfigReply } from './replies.js';
import { OWN_READ_QUERY } from './viewers.js';

/** Where MediaMTX's RTSP server is: publishers inside it, our splice and our looks go there. */
export class RtspAddress {
  readonly #inside: string;
  readonly #fromHere: string | null;

  private constructor(inside: string, fromHere: string | null) {
    this.#inside = inside;
    this.#fromHere = fromHere;
  }

  /** null: it is off, or takes encrypted connections only. */
  static of({ rtsp, rtspAddress, rtspEncryption }: GlobalConfigReply, apiUrl: string): RtspAddress | null {
    const [, host = '', port] = /^(.*):(\d+)$/.exec(rtspAddress) ?? [];
    if (!rtsp || port === undefined || rtspEncryption === 'strict') return null;
    const api = new URL(apiUrl).hostname;
    const listensEverywhere = ['', '0.0.0.0', '[::]', '::'].includes(host);
    const inside = listensEverywhere ? `127.0.0.1:${port}` : rtspAddress;
    if (isLoopback(api)) return new RtspAddress(inside, inside);
    return new RtspAddress(inside, listensEverywhere ? `${api}:${port}` : isLoopback(host) ? null : rtspAddress);
  }

  /** Where MediaMTX forwards a feeder to. */
  forwardTo(cameraId: CameraId): string {
    return `rtsp://${this.#inside}/${cameraId}`;
  }

  /** Where MediaMTX itself reads a feeder, marked so that it does not count as a viewer. */
  bridgeFrom(cameraId: CameraId, revision: number): string {
    return `rtsp://${this.#inside}/${leasePathName(cameraId, revision)}?${OWN_READ_QUERY}`;
  }

  /** Where a process of ours publishes; null: it cannot be reached from here. */
  publishTo(cameraId: CameraId): string | null {
    return this.#fromHere && `rtsp://${this.#fromHere}/${cameraId}`;
  }

  /** Where a process of ours reads a feeder, marked so that it does not count as a viewer; null: it cannot be reached from here. */
  readFrom(cameraId: CameraId, revision: number): string | null {
    return this.#fromHere && `rtsp://${this.#fromHere}/${leasePathName(cameraId, revision)}?${OWN_READ_QUERY}`;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}
