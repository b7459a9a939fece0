/** How many bytes and files each day and camera has, so that the oldest are found and their size is known without reading the disk. */
export class DayBooks {
  readonly #days = new Map<string, Map<string, number>>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** `bytes` may be negative: a file went. */
  count(day: string, camera: string, bytes: number): void {
    const cameras = this.#days.get(day) ?? new Map<string, number>();
    cameras.set(camera, (cameras.get(camera) ?? 0) + bytes);
    this.#days.set(day, cameras);
    this.#bytes += bytes;
  }

  /** null: there is nothing. */
  oldestDay(): string | null {
    let oldest: string | null = null;
    for (const day of this.#days.keys()) if (oldest === null || day < oldest) oldest = day;
    return oldest;
  }

  cameras(day: string): string[] {
    return [...(this.#days.get(day)?.keys() ?? [])];
  }

  forget(day: string, camera: string): void {
    const cameras = this.#days.get(day);
    this.#bytes -= cameras?.get(camera) ?? 0;
    cameras?.delete(camera);
    if (cameras?.size === 0) this.#days.delete(day);
  }
}
