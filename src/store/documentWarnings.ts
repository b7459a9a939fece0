/** Receives warnings about single documents. */
export interface StoreLog {
  warn(message: string, fields?: object): void;
}

/** More lines than this in one round become one line. */
const MOST_LINES = 5;
/** How many sentences that one line quotes. */
const QUOTED = 3;

interface Line {
  readonly id: string;
  readonly sentence: string;
  readonly cure: string | undefined;
}

/** Logs sentences about single documents, each once; many at a time become one line with their number and the first few. */
export class DocumentWarnings {
  readonly #log: StoreLog;
  readonly #logged = new Map<string, string>();
  #waiting: Line[] = [];
  #rounds = 0;

  constructor(log: StoreLog) {
    this.#log = log;
  }

  /** Sentences that come during `work`, which reads or writes many documents, are logged together at its end. */
  async round<T>(work: () => Promise<T>): Promise<T> {
    this.#rounds += 1;
    try {
      return await work();
    } finally {
      this.#rounds -= 1;
      if (this.#rounds === 0) this.#logWaiting();
    }
  }

  warnOnce(id: string, sentence: string, cure?: string): void {
    if (this.#logged.get(id) === sentence) return;
    this.#logged.set(id, sentence);
    this.#waiting.push({ id, sentence, cure });
    if (this.#rounds === 0) this.#logWaiting();
  }

  /** Lets the same sentence be logged again. */
  forget(id: string): void {
    this.#logged.delete(id);
  }

  #logWaiting(): void {
    const lines = this.#waiting;
    this.#waiting = [];
    if (lines.length <= MOST_LINES) {
      for (const { id, sentence, cure } of lines)
        this.#log.warn(sentence, { camera: id, ...(cure !== undefined && { cure }) });
      return;
    }
    const first = lines.slice(0, QUOTED);
    const cures = [...new Set(first.flatMap(({ cure }) => cure ?? []))].join(' ');
    this.#log.warn(
      `Something is wrong with ${lines.length} stored cameras. The first ${QUOTED} are: ${first.map(({ sentence }) => sentence).join(' ')}`,
      {
        cameras: first.map(({ id }) => id),
        cure: `${cures} GET /api/camera and GET /ready list what is wrong now.`.trim(),
      },
    );
  }
}
