import type { CallRecord } from '../../../simulator/cloud/callLog.js';
import type { CameraId } from '../../../src/core/camera/camera.js';
import type { Ground } from '../world/ground.js';
import { Cures } from '../faults/cures.js';
import { Ends } from './ends.js';
import { Herd } from './herd.js';
import type { Violation } from './kept.js';
import type { Ledger } from './ledger.js';
import { Promptness } from './promptness.js';
import { RelayBook } from './relayBook.js';
import { needsMoreRoom, Rush } from './rush.js';
import { UrlBook } from './urlBook.js';
import { WaitBook } from './waitBook.js';
import type { Tell } from './watcher.js';

/** All that look at what the ledger sees, each for its kinds of violation. */
export class Watchers {
  readonly relay: RelayBook;
  readonly cures: Cures;
  readonly #urls: UrlBook;
  readonly #waits: WaitBook;

  constructor(ledger: Ledger, ground: Ground, idOf: (ref: string) => CameraId | undefined) {
    const { clock, clouds } = ground;
    const now = (): number => clock.nowMs;
    const tell =
      (what: Violation['what']): Tell =>
      (subject, sentence) =>
        ledger.violate(subject, what, sentence);
    const cameras = (account: string): number => clouds.fleet.cameras(account).length;
    const facts = {
      now,
      storeAwaySinceMs: () => ledger.storeAwaySinceMs,
      scarceUntilMs: (account: string) => ground.scarceUntilMs.get(account) ?? 0,
      clockRightSinceMs: () => (ground.wallOffsetMs === 0 ? ground.clockSetMs : null),
      tickMs: ground.calmTickMs,
      needsMoreRoom: (account: string) => needsMoreRoom(cameras(account), ground.callsPerHour),
    };
    const takesBack = (account: string): boolean => clouds.fleet.account(account).vendor === 'ezviz';
    this.#urls = new UrlBook(now, takesBack, tell('kept'));
    this.#waits = new WaitBook(now, () => ground.startedMs, tell('too-soon'), tell('crowd'));
    const disturbedMs = (account: string): number => Math.max(ledger.disturbedMs(account), ground.startedMs);
    this.relay = new RelayBook(
      {
        now,
        after: (ms, run) => void clock.after(ms, run),
        disturbedMs,
        isAllThere: () => ledger.isAllThere && ground.storeSlow === 0 && (ground.engine.relay?.isWell ?? false),
        isUnlisted: (ref) => clouds.fleet.camera(ref).faults.has('unlisted'),
      },
      tell,
    );
    this.cures = new Cures(
      {
        ...facts,
        after: (ms, run) => void clock.after(ms, run),
        disturbedMs: (account) => (ground.ticksAway > 0 ? now() : Math.max(disturbedMs(account), ground.ticksBackMs)),
      },
      tell('late'),
    );
    ledger.watchers.push(
      this.cures,
      new Promptness(facts, tell('away-early'), tell('late')),
      this.#urls,
      new Ends(
        {
          ...facts,
          disturbedMs,
          watchedMs: (ref) => {
            const id = idOf(ref);
            return id === undefined ? now() : ground.engine.watchedMs(id);
          },
        },
        tell('stale'),
        tell('unused'),
      ),
      new Herd(now, disturbedMs, tell('herd')),
      new Rush({ ...facts, cameras, disturbedMs, callsPerHour: ground.callsPerHour }, tell('rush')),
    );
  }

  onCall(call: CallRecord): void {
    this.#waits.onCall(call);
  }

  onAnswered(call: CallRecord): void {
    this.#waits.onAnswered(call);
  }

  /** Nothing has been wrong for days. */
  lookInQuiet(): void {
    this.#urls.look();
  }
}
