import type { Clock } from '../../src/core/clock.js';
import type { SimulatedCamera } from '../fleet.js';
import { fingerprint } from './fingerprint.js';
import type { HttpReply } from './httpServer.js';
import { SAMPLE_JPEG } from './sampleJpeg.js';

/** Draws a capture (JPEG) of the camera at that moment. */
export type DrawPicture = (camera: SimulatedCamera, at: Date) => Buffer;

interface Picture {
  readonly camera: SimulatedCamera;
  readonly takenAt: Date;
  readonly expiresAtMs: number;
  readonly encrypted: boolean;
}

/** EZVIZ requires at least this time between two captures of a camera. */
const CAPTURE_GAP_MS = 4000;
const PICTURES_KEPT = 10_000;

/** The object store of captured pictures, which are downloaded by signed addresses without a token. */
export class PictureStore {
  readonly #clock: Clock;
  readonly #seed: string;
  readonly #draw: DrawPicture;
  readonly #pictures = new Map<string, Picture>();
  readonly #lastTakenMs = new Map<string, number>();
  #taken = 0;

  constructor(clock: Clock, seed: string, draw: DrawPicture = () => SAMPLE_JPEG) {
    this.#clock = clock;
    this.#seed = seed;
    this.#draw = draw;
  }

  /** False: the last capture of this camera was less than `CAPTURE_GAP_MS` ago. */
  mayTake(camera: SimulatedCamera): boolean {
    const last = this.#lastTakenMs.get(camera.ref);
    return last === undefined || this.#clock.monotonicMs() - last >= CAPTURE_GAP_MS;
  }

  /** Takes a picture; returns the path and query of its address. */
  take(camera: SimulatedCamera, lifeSeconds: number): string {
    const takenAt = this.#clock.now();
    this.#lastTakenMs.set(camera.ref, this.#clock.monotonicMs());
    const name = fingerprint(32, this.#seed, 'picture', ++this.#taken);
    const expiresAtMs = takenAt.getTime() + lifeSeconds * 1000;
    this.#pictures.set(name, { camera, takenAt, expiresAtMs, encrypted: camera.faults.has('encrypted') });
    if (this.#pictures.size > PICTURES_KEPT) {
      for (const oldest of this.#pictures.keys()) {
        this.#pictures.delete(oldest);
        break;
      }
    }
    return `/pictures/${name}.jpeg?X-Amz-Expires=${lifeSeconds}&X-Amz-Signature=${this.#sign(name)}`;
  }

  /** The reply to a download, and the picture's camera where it is known; null: the path is not that of a picture. */
  download(path: string, query: URLSearchParams): { reply: HttpReply; camera: SimulatedCamera | null } | null {
    const name = /^\/pictures\/([0-9a-f]{32})\.jpeg$/.exec(path)?.[1];
    if (name === undefined) return null;
    const picture = this.#pictures.get(name);
    const signed = query.get('X-Amz-Signature') === this.#sign(name);
    if (!picture || !signed || picture.expiresAtMs <= this.#clock.now().getTime()) {
      const body = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';
      return { reply: { status: 403, contentType: 'application/xml', body }, camera: picture?.camera ?? null };
    }
    const jpeg = this.#draw(picture.camera, picture.takenAt);
    const body = picture.encrypted ? encrypted(jpeg) : jpeg;
    return { reply: { status: 200, contentType: 'image/jpeg', body: Buffer.from(body) }, camera: picture.camera };
  }

  #sign(name: string): string {
    return fingerprint(64, this.#seed, 'picture-signature', name);
  }
}

/** Bytes in the form of a picture that a device has encrypted: the real prefix, then no readable picture. */
function encrypted(jpeg: Buffer): Buffer {
  return Buffer.concat([Buffer.from('hikencodepicture'), jpeg.map((byte) => byte ^ 0xa5)]);
}
