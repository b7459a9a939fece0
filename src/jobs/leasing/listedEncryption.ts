import type { CloudApi, ListedCamera } from '../../cloud/cloudApi.js';
import { encryptedError, isEncryptedCode } from '../../cloud/vendors/encrypted.js';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { CameraError } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';

/** Devices of one listing whose details are asked for: a call each. */
const MOST_LOOKS = 20;

/** What a listing says of stream encryption, where it matters. */
export interface ListedEncryption {
  /** Stream encryption is on: a live address would be refused. */
  readonly encrypted: ReadonlySet<CameraId>;
  /** It is off, and a live address was refused because it was on. */
  readonly decrypted: ReadonlySet<CameraId>;
}

/** True when the cloud refused the camera because its stream encryption was on. */
export function isRefusedAsEncrypted({ failure }: Camera): boolean {
  return failure !== null && isEncryptedCode(failure.code);
}

/**
 * What the cloud would answer for a camera that it refused because of stream encryption, while the latest listing says that it is still
 * on: no call is spent on hearing it again. null: the cloud has to be asked.
 */
export function refusalByListing(listedEncrypted: ReadonlySet<CameraId>, camera: Camera): CameraError | null {
  const isKnown = listedEncrypted.has(camera.id) && isRefusedAsEncrypted(camera);
  return isKnown ? encryptedError(camera.source.vendor) : null;
}

/**
 * Reads stream encryption from the pages of one account's listing. Where the listing does not say (Hik-Connect), the details
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

  /** Asks what has to be asked, before the page is stored: what it shows is leased as soon as it is. */
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
        // The listing itself says what is wrong with the account.
        if (!(thrown instanceof CameraError)) throw thrown;
      }
    }
  }

  /** Of cameras that are stored. */
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
      if (isOn === false && isRefusedAsEncrypted(camera)) decrypted.add(id);
    }
    return { encrypted, decrypted };
  }

  #refused(): Camera[] {
    return this.#cameras().filter(isRefusedAsEncrypted);
  }

  #cameras(): Camera[] {
    return [...this.#store.peekAll()].filter(({ source }) => source.account === this.#cloud.account);
  }
}
