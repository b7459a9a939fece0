import type { CameraId } from '../../core/camera.js';
import { leasePathName } from './pathConfig.js';
import type { GlobalConfigReply } from './replies.js';
import { addressesOf } from './serverAddress.js';
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
  static of(
    { rtsp, rtspAddress, rtspEncryption }: Pick<GlobalConfigReply, 'rtsp' | 'rtspAddress' | 'rtspEncryption'>,
    apiUrl: string,
  ): RtspAddress | null {
    const addresses = rtsp && rtspEncryption !== 'strict' ? addressesOf(rtspAddress, apiUrl) : null;
    return addresses && new RtspAddress(addresses.inside, addresses.fromHere);
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
