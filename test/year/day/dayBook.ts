import type { CameraId } from '../../../src/core/camera/camera.js';
import { lastSafeMoment } from '../../../src/core/renewal/renewal.js';
import type { CameraDocument } from '../../../src/store/reading/cameraDocument.js';
import { Trace } from '../books/trace.js';
import { LeaseBook } from './leaseBook.js';
import type { Machine } from './machine.js';
import { OwnerBook } from './ownerBook.js';
import { SilenceBook } from './silenceBook.js';
import type { DayViolation } from './violation.js';

/** Who is dead or frozen for so long has no claims any more, once a camera is due. */
const CLAIMS_FREE_MS = 90_000;
/** The media loop sleeps a minute at most, and looks at the wall clock then. */
const MEDIA_LOOP_MS = 65_000;
const TICK_MS = 13_000;
const LOOK_EVERY_MS = 5_000;

export interface DayBookParts {
  readonly now: () => number;
  /** Without what was passed over. */
  readonly awakeMs: () => number;
  readonly after: (ms: number, run: () => void) => void;
  readonly lifeMs: number;
  readonly refOf: (id: CameraId) => string | null;
}

/** What is true, told by the cloud, the media server and the database; nothing in it was said by a replica. */
export class DayBook {
  readonly violations: DayViolation[] = [];
  readonly trace: Trace;
  readonly owners: OwnerBook;
  readonly leases: LeaseBook;
  readonly silences: SilenceBook;
  readonly #parts: DayBookParts;
  /** Every camera as the database has it. */
  readonly #documents = new Map<CameraId, CameraDocument>();
  readonly #goneSince = new Map<string, number>();
  readonly #toldClaims = new Set<string>();
  #lookedMs = 0;

  constructor(parts: DayBookParts) {
    const { now } = parts;
    this.#parts = parts;
    this.trace = new Trace(now);
    const violate: ConstructorParameters<typeof OwnerBook>[2] = (subject, what, sentence) => {
      this.violations.push({ atMs: now(), subject, what, sentence });
      this.trace.note(`VIOLATION ${subject} ${what}: ${sentence}`);
    };
    this.silences = new SilenceBook(parts.awakeMs);
    this.owners = new OwnerBook(now, parts.after, violate, this.silences);
    this.leases = new LeaseBook({
      ...{ now, lifeMs: parts.lifeMs, violate },
      changedHandsSince: (account, ms) => this.owners.changedHandsSince(`account-owner ${account}`, ms),
    });
    this.#violate = violate;
  }

  readonly #violate: (subject: string, what: DayViolation['what'], sentence: string) => void;

  tooFast(account: string): void {
    this.#violate(account, 'too-fast', 'more calls came within a second than the vendor takes');
  }

  /** Dead or frozen from now on. */
  gone(owner: string, machine: Machine): void {
    this.#goneSince.set(owner, this.#parts.now());
    this.owners.gone(owner, machine);
  }

  running(owner: string, machine: Machine): void {
    this.#goneSince.delete(owner);
    this.owners.started(owner, machine);
  }

  /** The database has this document now. */
  written(id: CameraId, document: CameraDocument): void {
    this.#documents.set(id, document);
    const ref = this.#parts.refOf(id);
    if (ref === null) return;
    this.trace.note(
      `db ${ref} v${document.version} claim ${document.claimOwner ?? '-'} fence ${document.fence} ` +
        `lease ${document.lease?.revision ?? '-'} ${document.lease?.proof ?? ''} candidate ${document.candidate?.revision ?? '-'}`,
    );
    if (document.deletedAt !== null) this.leases.removed(ref);
    this.leases.stored(ref, document);
  }

  /** `heir` has the claim on this camera that `former` had. */
  claimTaken(id: CameraId, former: string, heir: Machine): void {
    const ref = this.#parts.refOf(id);
    if (ref !== null) this.owners.claimTaken(ref, former, heir);
  }

  /** At each stop of the clock. */
  look(isMediaServerThere: boolean): void {
    const nowMs = this.#parts.now();
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    this.leases.look(isMediaServerThere && this.owners.isAnybodyRunning);
    for (const [id, { claimOwner, dueAt, fence, account }] of this.#documents) {
      if (claimOwner === null || dueAt === null || nowMs - dueAt.getTime() < 2 * CLAIMS_FREE_MS) continue;
      const goneSinceMs = this.#goneSince.get(claimOwner) ?? nowMs;
      const caller = this.owners.lifeOf(this.owners.ownerOf(`account-owner ${account}`));
      if (nowMs - goneSinceMs < CLAIMS_FREE_MS || caller?.isSteady(CLAIMS_FREE_MS) !== true) continue;
      const key = `${id} ${fence}`;
      if (this.#toldClaims.has(key)) continue;
      this.#toldClaims.add(key);
      this.#violate(this.#parts.refOf(id) ?? id, 'stays-claimed', `${claimOwner} is gone, and it is due`);
    }
  }

  /** When the next lease wants something, for the replica whose clock is furthest ahead by `aheadMs`. */
  nextDueMs(aheadMs: number): number {
    const nowMs = this.#parts.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueAt, lease, candidate, deletedAt } of this.#documents.values()) {
      if (deletedAt !== null) continue;
      const moments = lease === null ? [] : candidate ? [lastSafeMoment(lease), lease.expiresAt] : [lease.expiresAt];
      if (dueAt) nextMs = Math.min(nextMs, dueAt.getTime() - aheadMs - TICK_MS);
      for (const moment of moments) {
        // Until it has come by everybody's clock.
        if (nowMs - moment.getTime() > aheadMs + TICK_MS) continue;
        nextMs = Math.min(nextMs, moment.getTime() - aheadMs - MEDIA_LOOP_MS);
      }
    }
    return nextMs;
  }
}
