import type { Machine } from './machine.js';

/** Others take an owner for dead after so long without a beat, and not before. */
const DEAD_AFTER_MS = 15_000;
/** Longer than it takes from a look at the beats to what comes of it; and the same on a wire that is slow. */
const ACTED_WITHIN_MS = 500;
const ACTED_SLOWLY_WITHIN_MS = 20_000;

interface Look {
  readonly atMs: number;
  /** How long each owner had been silent. */
  readonly silentMs: ReadonlyMap<string, number>;
}

/** Which beats arrived in the database, and what who looked at them there could see. Times without those passed over. */
export class SilenceBook {
  readonly #awakeMs: () => number;
  readonly #beats = new Map<string, number>();
  readonly #looks = new Map<Machine, Look[]>();
  /** Since when the database answers everybody, and one of them; before that nobody could be heard. */
  #answersSinceMs = 0;
  readonly #answersOneSinceMs = new Map<Machine, number>();

  constructor(awakeMs: () => number) {
    this.#awakeMs = awakeMs;
  }

  beat(owner: string): void {
    this.#beats.set(owner, this.#awakeMs());
  }

  looked(machine: Machine): void {
    const atMs = this.#awakeMs();
    const answersSinceMs = Math.max(this.#answersSinceMs, this.#answersOneSinceMs.get(machine) ?? 0);
    const silentMs = new Map(
      [...this.#beats].map(([owner, beatMs]) => [owner, atMs - Math.max(beatMs, answersSinceMs)]),
    );
    const looks = (this.#looks.get(machine) ?? []).filter((look) => atMs - look.atMs < ACTED_SLOWLY_WITHIN_MS);
    this.#looks.set(machine, [...looks, { atMs, silentMs }]);
  }

  /** The database answers again; `machine`: it had been away for this one alone. */
  answersAgain(machine: Machine | null): void {
    if (machine) this.#answersOneSinceMs.set(machine, this.#awakeMs());
    else this.#answersSinceMs = this.#awakeMs();
  }

  /** How long `owner` had been silent at most when `machine` looked; null: long enough to be dead, or nobody knows. */
  tooShortMs(owner: string, machine: Machine): number | null {
    // What it looked at before it was frozen it may do now.
    if (!machine.isRunning || machine.runsForMs < ACTED_SLOWLY_WITHIN_MS) return null;
    const atMs = this.#awakeMs();
    const withinMs = machine.isSteady(ACTED_SLOWLY_WITHIN_MS) ? ACTED_WITHIN_MS : ACTED_SLOWLY_WITHIN_MS;
    const silences = (this.#looks.get(machine) ?? [])
      .filter((look) => atMs - look.atMs < withinMs)
      .flatMap((look) => look.silentMs.get(owner) ?? []);
    const longestMs = Math.max(...silences);
    return silences.length > 0 && longestMs < DEAD_AFTER_MS ? longestMs : null;
  }
}
