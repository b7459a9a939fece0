/** Gives the places for transcodes of pictures (TRANSCODES_MAX) to the workers. A place that is not free is not given later: the relay asks again. */
export class TranscodeCounts<Worker> {
  readonly #most: number;
  readonly #taken = new Map<Worker, Set<number>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** True: the worker has the place now. `id`: the worker's number of it. */
  take(worker: Worker, id: number): boolean {
    const count = [...this.#taken.values()].reduce((sum, { size }) => sum + size, 0);
    if (count >= this.#most) return false;
    const own = this.#taken.get(worker) ?? new Set();
    this.#taken.set(worker, own.add(id));
    return true;
  }

  leave(worker: Worker, id: number): void {
    this.#taken.get(worker)?.delete(id);
  }

  /** The worker has ended, and its transcodes with it. */
  forget(worker: Worker): void {
    this.#taken.delete(worker);
  }
}
