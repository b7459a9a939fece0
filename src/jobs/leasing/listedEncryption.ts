import type { CloudApi, ListedCamera } from '../../cloud/cloudApi.js';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { isCloudCamera, type CloudCamera } from '../../core/camera/cameraSource.js';
import { CameraError } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';

/** Devices whose details are asked for in one listing, with a call each. */
const MOST_LOOKS = 20;

/** What a listing says about stream encryption, for the cameras for which that matters. */
export interface ListedEncryption {
  /** Stream encryption is on, so the cloud would refuse a live URL. */
  readonly encrypted: ReadonlySet<CameraId>;
  /** It is off now, and the cloud had refused a live URL because it was on. */
  readonly decrypted: ReadonlySet<CameraId>;
}

/** True when the cloud refused the camera because its stream encryption was on. */
export function isRefusedAsEncrypted(cloud: CloudApi, { failure }: Camera): boolean {
  return failure !== null && failure.code === cloud.words.encryptedError().code;
}

/**
 * The error that the cloud would answer for a camera that it has refused because of stream encryption, while the latest
 * listing says that the encryption is still on: no call is spent on it. null: ask the cloud.
 */
export function refusalByListing(
  listedEncrypted: ReadonlySet<CameraId>,
  cloud: CloudApi | undefined,
  camera: Camera,
): CameraError | null {
  if (cloud === undefined || !listedEncrypted.has(camera.id)) return null;
  return isRefusedAsEncrypted(cloud, camera) ? cloud.words.encryptedError() : null;
}

/**
 * Reads stream encryption from the pages of one account's listing. Hik-Connect's listing does not say it, so the details
 * of devices are asked for, but only of those with a camera that was refused because of it.
 */
export class EncryptionReader {
  readonly #store: Pick<JobsDeps['store'], 'peekAll'>;
  readonly #cloud: CloudApi;
  readonly #devices = new Map<string, boolean | null>();

  constructor(store: Pick<JobsDeps['store'], 'peekAll'>, cloud: CloudApi) {
    this.#store = store;
    this.#cloud = cloud;
  }

  /**
   * Asks for the details that the page needs. Call it before the page is stored, because its cameras are leased as soon as
   * it is.
   */
  async ask(page: readonly ListedCamera[], signal: AbortSignal): Promise<void> {
    if (this.#cloud.isEncrypted === undefined) return;
    const silent = new Set(
      page.filter(({ encrypted }) => typeof encrypted !== 'boolean').map((one) => one.deviceSerial),
    );
    for (const { source } of this.#refused()) {
      const { deviceSerial } = source;
      if (!silent.has(deviceSerial) || this.#devices.has(deviceSerial) || this.#devices.size >= MOST_LOOKS) continue;
      this.#devices.set(deviceSerial, null);
      try {
        this.#devices.set(deviceSerial, await this.#cloud.isEncrypted(deviceSerial, signal));
      } catch (thrown) {
        // An error of the account shows in the listing itself.
        if (!(thrown instanceof CameraError)) throw thrown;
      }
    }
  }

  /** What the page says about cameras that are stored. */
  read(page: readonly ListedCamera[]): ListedEncryption {
    const listed = new Map(page.map((one) => [`${one.deviceSerial}/${one.channel}`, one]));
    const encrypted = new Set<CameraId>();
    const decrypted = new Set<CameraId>();
    for (const camera of this.#cameras()) {
      const { id, source } = camera;
      const { deviceSerial, channel } = source;
      const one = listed.get(`${deviceSerial}/${channel ?? ''}`);
      if (one === undefined) continue;
      const isOn = one.encrypted ?? this.#devices.get(deviceSerial) ?? null;
      if (isOn === true) encrypted.add(id);
      if (isOn === false && isRefusedAsEncrypted(this.#cloud, camera)) decrypted.add(id);
    }
    return { encrypted, decrypted };
  }

  #refused(): CloudCamera[] {
    return this.#cameras().filter((camera) => isRefusedAsEncrypted(this.#cloud, camera));
  }

  #cameras(): CloudCamera[] {
    const cameras = [...this.#store.peekAll()].filter(isCloudCamera);
    return cameras.filter(({ source }) => source.account === this.#cloud.account);
  }
}
