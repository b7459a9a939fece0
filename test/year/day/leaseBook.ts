import type { CameraDocument } from '../../../src/store/reading/cameraDocument.js';
import type { Machine } from './machine.js';
import type { Violate } from './violation.js';

const MINUTE_MS = 60_000;
/** A URL that is asked for while the one before is younger than this part of its life was not needed. */
const YOUNG_PART = 0.4;
/** A camera is dark for so long at most, once all is there: a takeover, the longest wait of a life of an hour, and its turn. */
const DARK_MS = 6 * MINUTE_MS;
/** A request that was on its way when a person deleted the camera, and how soon the media server hears of that. */
const CALL_IN_FLIGHT_MS = 2_000;
const SERVED_IN_FLIGHT_MS = 30_000;

interface Given {
  readonly urlId: string;
  readonly atMs: number;
  readonly caller: Machine;
  /** Some replica wrote it into the database. */
  isStored: boolean;
  /** False: the answer was lost on its way. */
  readonly arrived: () => boolean;
}

interface Kept {
  readonly ref: string;
  readonly account: string;
  /** Reasons for which nobody could renew it now. */
  blocked: number;
  unblockedMs: number;
  /** When a person deleted it here. */
  goneMs: number | null;
  latest: Given | null;
  /** When somebody last asked for a new lease, whatever the old one is worth. */
  askedMs: number;
  inForce: { readonly urlId: string | null; readonly expiresMs: number } | null;
  darkSinceMs: number;
  isDarkTold: boolean;
}

export interface LeaseBookParts {
  readonly now: () => number;
  readonly lifeMs: number;
  readonly violate: Violate;
  readonly changedHandsSince: (account: string, ms: number) => boolean;
}

/** What became of each lease, told by the cloud that gave it, the media server that pulls it, and the database. */
export class LeaseBook {
  given = 0;
  asked = 0;
  readonly #parts: LeaseBookParts;
  readonly #cameras = new Map<string, Kept>();
  /** The highest URL that each camera ever had as its lease, where it was seen: the cloud's ids rise. */
  readonly #highest = new Map<string, bigint>();
  readonly #proven = new Set<string>();
  #healthySinceMs: number | null = null;

  constructor(parts: LeaseBookParts) {
    this.#parts = parts;
  }

  add(ref: string, account: string): void {
    const nowMs = this.#parts.now();
    this.#cameras.set(ref, {
      ...{ ref, account, blocked: 0, unblockedMs: nowMs, goneMs: null, latest: null },
      ...{ askedMs: 0, inForce: null, darkSinceMs: nowMs, isDarkTold: false },
    });
  }

  block(ref: string, by: 1 | -1): void {
    const kept = this.#of(ref);
    kept.blocked += by;
    kept.unblockedMs = this.#parts.now();
  }

  blockAccount(account: string, by: 1 | -1): void {
    for (const kept of this.#cameras.values()) if (kept.account === account) this.block(kept.ref, by);
  }

  /** Somebody pressed "renew now". */
  ask(ref: string): void {
    this.#of(ref).askedMs = this.#parts.now();
    this.asked += 1;
  }

  removed(ref: string): void {
    this.#of(ref).goneMs ??= this.#parts.now();
  }

  /** The cloud gave a live address. */
  gave(ref: string, urlId: string, caller: Machine, arrived: () => boolean): void {
    const kept = this.#of(ref);
    const nowMs = this.#parts.now();
    this.given += 1;
    if (kept.goneMs !== null && nowMs - kept.goneMs > CALL_IN_FLIGHT_MS)
      this.#parts.violate(ref, 'came-back', 'a live address was asked for though a person had deleted the camera');
    const why = this.#notNeeded(kept, nowMs);
    if (why !== null) this.#parts.violate(ref, 'twice', `${caller.name} asked for a live address ${why}`);
    kept.latest = { urlId, atMs: nowMs, caller, isStored: false, arrived };
  }

  proved(urlId: string | null): void {
    if (urlId !== null) this.#proven.add(urlId);
  }

  /** A replica wrote this document. */
  stored(ref: string, { lease, candidate }: Pick<CameraDocument, 'lease' | 'candidate'>): void {
    const { latest } = this.#of(ref);
    if (latest && (lease?.urlId === latest.urlId || candidate?.urlId === latest.urlId)) latest.isStored = true;
    if (lease === null) return;
    this.#mustRise(ref, 'database', lease.urlId);
    if (lease.proof === 'proven' && lease.urlId !== null && !this.#proven.has(lease.urlId))
      this.#parts.violate(ref, 'unproven', `lease ${lease.revision} is called proven, and nobody has looked at it`);
  }

  /**
   * From now on the media server pulls this URL; null: none. `isCutOff`: by the word of a replica that does not reach the database. Its
   * promotion stands in its own journal alone, so its successor cannot know it, and may go back to what the database says until it has
   * proven that lease itself (docs/promises.md: the limits of an owner that is cut off).
   */
  inForce(ref: string, lease: Kept['inForce'], isCutOff: boolean): void {
    const kept = this.#of(ref);
    const nowMs = this.#parts.now();
    if (lease) {
      this.#mustRise(ref, 'media server', lease.urlId, !isCutOff);
      if (kept.goneMs !== null && nowMs - kept.goneMs > SERVED_IN_FLIGHT_MS)
        this.#parts.violate(ref, 'came-back', 'it is served though a person had deleted it');
    }
    if (!this.#isDark(kept, nowMs)) kept.darkSinceMs = nowMs;
    kept.inForce = lease;
  }

  /** A URL was given back to the vendor. */
  closed(ref: string, urlId: string): void {
    const { inForce } = this.#of(ref);
    if (inForce?.urlId === urlId && inForce.expiresMs > this.#parts.now())
      this.#parts.violate(ref, 'closed', 'the URL that is in force was given back');
  }

  /** Looks at what is dark. `isHealthy`: some replica runs, and the media server is there. */
  look(isHealthy: boolean): void {
    const nowMs = this.#parts.now();
    this.#healthySinceMs = isHealthy ? (this.#healthySinceMs ?? nowMs) : null;
    for (const kept of this.#cameras.values()) {
      if (!this.#isDark(kept, nowMs)) {
        kept.darkSinceMs = Math.max(kept.inForce?.expiresMs ?? 0, nowMs);
        kept.isDarkTold = false;
        continue;
      }
      if (this.#healthySinceMs === null || kept.blocked > 0 || kept.goneMs !== null || kept.isDarkTold) continue;
      const sinceMs = Math.max(kept.darkSinceMs, this.#healthySinceMs, kept.unblockedMs);
      if (nowMs - sinceMs <= DARK_MS) continue;
      kept.isDarkTold = true;
      this.#parts.violate(kept.ref, 'dark', `dark for ${Math.round((nowMs - sinceMs) / 1000)} s though all was there`);
    }
  }

  /** null: it was needed, or what came before was lost as it may be. */
  #notNeeded({ latest, askedMs, account }: Kept, nowMs: number): string | null {
    if (latest === null || askedMs > latest.atMs) return null;
    const ageMs = nowMs - latest.atMs;
    if (latest.isStored && ageMs >= YOUNG_PART * this.#parts.lifeMs) return null;
    if (!latest.isStored) {
      const { caller: former } = latest;
      if (former.hadMishapSince(latest.atMs) || this.#parts.changedHandsSince(account, latest.atMs - 1_000))
        return null;
      if (!latest.arrived() && ageMs > 1_000) return null;
      return `${(ageMs / 1000).toFixed(1)} s after ${former.name} had been given one that nobody stored`;
    }
    return `${(ageMs / 1000).toFixed(1)} s after ${latest.caller.name} had been given one`;
  }

  /** `counts` false: what comes next is compared with what was there before. */
  #mustRise(ref: string, where: string, urlId: string | null, counts = true): void {
    if (urlId === null) return;
    const highest = this.#highest.get(`${where} ${ref}`) ?? 0n;
    const id = BigInt(urlId);
    if (id < highest) this.#parts.violate(ref, 'older', `an older lease is in force in the ${where} after a newer one`);
    else if (counts) this.#highest.set(`${where} ${ref}`, id);
  }

  #isDark({ inForce }: Kept, nowMs: number): boolean {
    return inForce === null || inForce.expiresMs <= nowMs;
  }

  #of(ref: string): Kept {
    const kept = this.#cameras.get(ref);
    if (!kept) throw new Error(`nobody knows camera ${ref}`);
    return kept;
  }
}
