import type { Ledger } from '../books/ledger.js';
import type { Ground } from '../world/ground.js';
import type { FleetCamera, Lives } from '../world/lives.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A camera that its cloud refused for good is looked at once more an hour before its lease ends: later a person has to ask. */
const LAST_LOOK_MS = HOUR;
const TIMES_ASKED = 3;

/** `encrypted`: listings tell that it is over. `deleted`: nothing tells that but another try. */
export type Refusal = 'encrypted' | 'deleted';

/** Makes clouds refuse a camera until a person sets it right at the vendor. */
export class Refusals {
  readonly #ground: Ground;
  readonly #ledger: Ledger;
  readonly #lives: Lives;
  readonly #cameras: readonly FleetCamera[];
  readonly #onCured: (ref: string) => void;
  readonly #counts = new Map<string, number>();
  /** Set right, and not told yet by a listing. */
  #untold: FleetCamera[] = [];

  /** `onCured`: from now on a listing tells that this camera is set right. */
  constructor(
    ground: Ground,
    { ledger, lives, cameras }: { ledger: Ledger; lives: Lives; cameras: readonly FleetCamera[] },
    onCured: (ref: string) => void,
  ) {
    this.#ground = ground;
    this.#ledger = ledger;
    this.#lives = lives;
    this.#cameras = cameras;
    this.#onCured = onCured;
  }

  /** Returns what ends it. */
  begin(camera: FleetCamera, why: Refusal): () => void {
    const [, { ref }] = camera;
    const { clouds, clock } = this.#ground;
    const change = (by: 1 | -1): void => {
      const count = (this.#counts.get(`${ref} ${why}`) ?? 0) + by;
      this.#counts.set(`${ref} ${why}`, count);
      clouds.fleet.setCameraFault(ref, why, count > 0);
      if (why === 'encrypted') this.#ground.listingChanged = true;
    };
    change(1);
    this.#ledger.blockCamera(ref, 1);
    return () => {
      change(-1);
      if (why === 'encrypted') {
        this.#untold.push(camera);
        this.#tellCured(camera);
      } else {
        const untilLastLookMs = this.#ledger.leftMs(ref) - LAST_LOOK_MS;
        clock.after(Math.max(1, untilLastLookMs), () => this.#lastLook(camera));
      }
    };
  }

  /** Hik-Connect tells it of a device, for all of its channels: until none of them is encrypted the others are taken for it. */
  #tellCured([, { serial }]: FleetCamera): void {
    const isOfDevice = ([, camera]: FleetCamera): boolean => camera.serial === serial;
    if (this.#cameras.some((one) => isOfDevice(one) && one[1].faults.has('encrypted'))) return;
    const told = this.#untold.filter(isOfDevice);
    this.#untold = this.#untold.filter((one) => !isOfDevice(one));
    for (const [, { ref }] of told) {
      this.#ledger.blockCamera(ref, -1);
      this.#onCured(ref);
    }
  }

  /** The last planned look finds out that it is cured, by a clock that is right; otherwise whoever cured it has to ask. */
  #lastLook(camera: FleetCamera): void {
    const [, { ref }] = camera;
    const leftMs = this.#ledger.leftMs(ref);
    const isLookedAt = leftMs > LAST_LOOK_MS - MINUTE && this.#ground.wallOffsetMs === 0;
    if (isLookedAt || leftMs > LAST_LOOK_MS) this.#ledger.blockCamera(ref, -1);
    else this.#ask(camera, 0);
  }

  /** Asked again where nothing came of it: camlease may have died amid the call. From the third time on, camlease has to have it. */
  #ask(camera: FleetCamera, asked: number): void {
    const [, { ref }] = camera;
    const isRenewed = this.#ledger.leftMs(ref) > LAST_LOOK_MS;
    const times = isRenewed ? TIMES_ASKED : asked + (this.#lives.renewNow(camera) ? 1 : 0);
    if (asked < TIMES_ASKED && times >= TIMES_ASKED) this.#ledger.blockCamera(ref, -1);
    if (!isRenewed) this.#ground.clock.after(5 * MINUTE, () => this.#ask(camera, times));
  }
}
