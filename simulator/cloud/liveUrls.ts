import type { Clock } from '../../src/core/clock.js';
import type { SimulatedCamera } from '../fleet.js';
import type { NewAddressPlays } from './faults.js';
import { ACME_FORM } from '../acme/acmeUrls.js';
import { fingerprint } from './fingerprint.js';
import { PLATFORM_FORM, type LiveForm, type SignedName } from './liveForm.js';

export const SHORTEST_LIFE_SECONDS = 30;
/** 720 days. */
export const LONGEST_LIFE_SECONDS = 62_208_000;

/** The ids of real live URLs contain the milliseconds since this moment, above 22 bits of a counter. */
const ID_EPOCH_MS = Date.parse('2019-01-01T00:00:00+08:00');

/** 1 EZOPEN, 2 HLS, 3 RTMP, 4 FLV. Only RTMP can be played here; URLs of the others have the right form and no server. */
export type StreamProtocol = 1 | 2 | 3 | 4;

export interface LiveRequest {
  readonly camera: SimulatedCamera;
  readonly protocol: StreamProtocol;
  readonly quality: 1 | 2;
  readonly lifetimeSeconds: number;
  /** The device's mark, `c` in the URL; null where URLs have none (China). */
  readonly mark: string | null;
  /** Absent: the form of EZVIZ and Hik-Connect. */
  readonly form?: LiveForm;
}

/** The forms that the origin plays. */
const FORMS: readonly LiveForm[] = [PLATFORM_FORM, ACME_FORM];

export interface LiveUrl {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: Date;
}

export type UrlVerdict =
  | {
      readonly good: true;
      readonly ref: string;
      readonly quality: 1 | 2;
      readonly expiresAt: Date;
      /** The camera's setting when the URL was given. */
      readonly plays: NewAddressPlays;
    }
  | { readonly good: false; readonly reason: string };

/** Makes and checks live URLs. A new URL does not end older ones. */
export class LiveUrls {
  readonly #clock: Clock;
  readonly #seed: string;
  readonly #rtmpUrl: (app: string, stream: string) => string;
  readonly #webBase: () => string;
  readonly #disabled = new Set<string>();
  /** What URLs play that do not play the camera itself, by their ids. */
  readonly #plays = new Map<string, NewAddressPlays>();
  #given = 0n;

  constructor(
    clock: Clock,
    seed: string,
    hosts: { rtmpUrl: (app: string, stream: string) => string; webBase: () => string },
  ) {
    this.#clock = clock;
    this.#seed = seed;
    this.#rtmpUrl = hosts.rtmpUrl;
    this.#webBase = hosts.webBase;
  }

  give(request: LiveRequest): LiveUrl {
    const { camera, quality, mark, form = PLATFORM_FORM } = request;
    const nowMs = this.#clock.now().getTime();
    const id = String((BigInt(nowMs - ID_EPOCH_MS) << 22n) | (this.#given++ & 0x3fffffn));
    const { newAddressPlays } = camera.stream;
    if (newAddressPlays !== 'camera') this.#plays.set(id, newAddressPlays);
    const expire = Math.floor(nowMs / 1000) + request.lifetimeSeconds;
    const { ref } = camera;
    const signature = this.#sign(`${ref}_${quality}`, String(expire), id);
    const streamName = form.write({ ref, quality, expire, id, mark, signature });
    return { id, url: this.#address(request, form.app, streamName), expiresAt: new Date(expire * 1000) };
  }

  disable(urlId: string): void {
    this.#disabled.add(urlId);
  }

  /** `streamName` is the URL's last part, query included. */
  check(streamName: string): UrlVerdict {
    const parts = partsOf(streamName);
    if (parts === null) return { good: false, reason: 'not a stream name of this simulator' };
    const { ref, quality, expire, id, signature } = parts;
    if (signature !== this.#sign(`${ref}_${quality}`, String(expire), id))
      return { good: false, reason: '4057 the URL is not valid' };
    const expiresAt = new Date(expire * 1000);
    if (expiresAt <= this.#clock.now()) return { good: false, reason: '4058 the URL has expired' };
    if (this.#disabled.has(id)) return { good: false, reason: '4057 the URL was taken back' };
    const plays = this.#plays.get(id) ?? 'camera';
    return { good: true, ref, quality, expiresAt, plays };
  }

  #sign(name: string, expire: string, id: string): string {
    return fingerprint(64, this.#seed, 'signature', name, expire, id);
  }

  #address({ protocol, quality, camera }: LiveRequest, app: string, streamName: string): string {
    const [name = '', query = ''] = streamName.split('?');
    switch (protocol) {
      case 1:
        return `ezopen://open.ezviz.com/${camera.serial}/${camera.channel}${quality === 1 ? '.hd' : ''}.live`;
      case 2:
        return `${this.#webBase()}/${app}/${name}.m3u8?${query}`;
      case 3:
        return this.#rtmpUrl(app, streamName);
      case 4:
        return `${this.#webBase()}/${app}/${name}.flv?${query}`;
    }
  }
}

/** True for an application in which live URLs play. */
export function isLiveApp(app: string): boolean {
  return FORMS.some((form) => form.app === app);
}

/** What a stream name says, in any form; null: it is none of ours. */
export function partsOf(streamName: string): SignedName | null {
  for (const form of FORMS) {
    const parts = form.read(streamName);
    if (parts !== null) return parts;
  }
  return null;
}
