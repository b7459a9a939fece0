import type { Place } from './caps.js';

/** What a worker says to the relay's parent, which counts the transcodes of all workers. */
export type PlaceReport = {
  readonly kind: 'transcode-wanted' | 'transcode-over';
  readonly id: number;
};

/**
 * A worker's places among the transcodes of pictures that the relay runs at once (TRANSCODES_MAX). Each costs up to half a core, and all workers share
 * one machine, so the parent gives the places.
 */
export class TranscodePlaces {
  readonly #say: (report: PlaceReport) => void;
  readonly #asked = new Map<number, (isGiven: boolean) => void>();
  readonly #taken = new Set<number>();
  #lastId = 0;
  /** Without a parent: as many as there were when it ended, so that a camera whose connection breaks off comes back. */
  #mostAlone: number | null = null;

  constructor(say: (report: PlaceReport) => void) {
    this.#say = say;
  }

  /** `onAnswer` is called once, later, unless the place was left before. One that was not given need not be left. */
  ask(onAnswer: (isGiven: boolean) => void): Place {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#asked.set(id, onAnswer);
    if (this.#mostAlone === null) this.#say({ kind: 'transcode-wanted', id });
    else queueMicrotask(() => this.#answerAlone(id));
    const taken = this.#taken;
    return {
      get isGiven() {
        return taken.has(id);
      },
      leave: () => {
        if (this.#asked.delete(id) || taken.delete(id)) this.#say({ kind: 'transcode-over', id });
      },
    };
  }

  /** Takes the parent's answer. */
  answer(id: number, isGiven: boolean): void {
    const onAnswer = this.#asked.get(id);
    if (onAnswer === undefined) return;
    this.#asked.delete(id);
    if (isGiven) this.#taken.add(id);
    onAnswer(isGiven);
  }

  /** The parent has ended: this worker goes on alone. */
  goOnAlone(): void {
    this.#mostAlone = this.#taken.size;
    for (const id of [...this.#asked.keys()]) this.#answerAlone(id);
  }

  #answerAlone(id: number): void {
    this.answer(id, this.#taken.size < (this.#mostAlone ?? 0));
  }
}
