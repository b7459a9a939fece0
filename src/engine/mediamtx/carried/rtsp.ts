import type { CameraId } from '../../../core/camera/camera.js';
import type { GlobalConfigReply } from '../api/replies.js';
import { addressesOf } from '../api/serverAddress.js';
import { leasePathName } from '../paths/pathConfig.js';
import type { MachineUser, MachineUsers } from '../users/machineUsers.js';

/** The address of MediaMTX's RTSP server, for feeders inside MediaMTX and for our own reads. Its URLs hold a login, so they are secret. */
export class RtspAddress {
  readonly #inside: string;
  readonly #fromHere: string | null;

  readonly #users: () => MachineUsers;

  private constructor(inside: string, fromHere: string | null, users: () => MachineUsers) {
    this.#inside = inside;
    this.#fromHere = fromHere;
    this.#users = users;
  }

  /** null: RTSP is off, or accepts encrypted connections only. */
  static of(
    { rtsp, rtspAddress, rtspEncryption }: Pick<GlobalConfigReply, 'rtsp' | 'rtspAddress' | 'rtspEncryption'>,
    apiUrl: string,
    users: () => MachineUsers,
  ): RtspAddress | null {
    const addresses = rtsp && rtspEncryption !== 'strict' ? addressesOf(rtspAddress, apiUrl) : null;
    return addresses && new RtspAddress(addresses.inside, addresses.fromHere, users);
  }

  /** The URL to which MediaMTX forwards a feeder. */
  forwardTo(cameraId: CameraId): string {
    return `rtsp://${login(this.#users().publish)}@${this.#inside}/${cameraId}`;
  }

  /** The URL at which MediaMTX itself reads a feeder. */
  bridgeFrom(cameraId: CameraId, revision: number): string {
    return `rtsp://${login(this.#users().read)}@${this.#inside}/${leasePathName(cameraId, revision)}`;
  }

  /** The URL at which camlease reads a feeder; null: camlease cannot reach the RTSP server. */
  readFrom(cameraId: CameraId, revision: number): string | null {
    return (
      this.#fromHere && `rtsp://${login(this.#users().read)}@${this.#fromHere}/${leasePathName(cameraId, revision)}`
    );
  }
}

/** Name and password need no escaping: they are made of characters that a URL may hold. */
function login({ name, pass }: MachineUser): string {
  return `${name}:${pass}`;
}
