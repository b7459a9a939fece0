/** Waits for what events tell of: looks again with each of them, for as long as the test itself may last. */
export class Happenings {
  readonly #looks = new Set<() => void>();

  /** Something happened. */
  tell(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Resolves as soon as it is so. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
    });
  }
}
