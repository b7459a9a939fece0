import type { CameraId } from '../../../core/camera/camera.js';
import type { GlobalConfigReply } from '../api/replies.js';
import { addressesOf } from '../api/serverAddress.js';
import { leasePathName } from '../paths/pathConfig.js';
import type { MachineUser, MachineUsers } from '../users/machineUsers.js';

/** Where MediaMTX's RTSP server is: publishers inside it and our looks go there. Addresses hold the login that they need. */
export class RtspAddress {
  readonly #inside: string;
  readonly #fromHere: string | null;

  readonly #users: () => MachineUsers;

  private constructor(inside: string, fromHere: string | null, users: () => MachineUsers) {
    this.#inside = inside;
    this.#fromHere = fromHere;
    this.#users = users;
  }

  /** null: it is off, or takes encrypted connections only. */
  static of(
    { rtsp, rtspAddress, rtspEncryption }: Pick<GlobalConfigReply, 'rtsp' | 'rtspAddress' | 'rtspEncryption'>,
    apiUrl: string,
    users: () => MachineUsers,
  ): RtspAddress | null {
    const addresses = rtsp && rtspEncryption !== 'strict' ? addressesOf(rtspAddress, apiUrl) : null;
    return addresses && new RtspAddress(addresses.inside, addresses.fromHere, users);
  }

  /** Where MediaMTX forwards a feeder to. */
  forwardTo(cameraId: CameraId): string {
    return `rtsp://${login(this.#users().publish)}@${this.#inside}/${cameraId}`;
  }

  /** Where MediaMTX itself reads a feeder. */
  bridgeFrom(cameraId: CameraId, revision: number): string {
    return `rtsp://${login(this.#users().read)}@${this.#inside}/${leasePathName(cameraId, revision)}`;
  }

  /** Where a process of ours reads a feeder; null: it cannot be reached from here. */
  readFrom(cameraId: CameraId, revision: number): string | null {
    return (
      this.#fromHere && `rtsp://${login(this.#users().read)}@${this.#fromHere}/${leasePathName(cameraId, revision)}`
    );
  }
}

/** Both are of characters that a URL takes as they are. */
function login({ name, pass }: MachineUser): string {
  return `${name}:${pass}`;
}
