/** Waits for conditions: checks them again at each event, without a limit but that of the test. */
export class Happenings {
  readonly #looks = new Set<() => void>();

  /** Reports an event. */
  tell(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Resolves as soon as `isSo` is true. */
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
