/** A running stream with a picture in hand, not shown before `show`. */
export interface Session {
  /** Settles with the reason once no more pictures can come; not at `stop`. What is buffered may still play. */
  readonly lost: Promise<string>;
  /** Nothing arrives any more, not even what a server sends while it has no picture; false where that cannot be told. */
  readonly isSilent: boolean;
  /** The newest picture it has, before it is shown; null: it cannot tell. */
  readonly preview: HTMLVideoElement | null;
  /** Plays in this element, in place of what played there. */
  show(video: HTMLVideoElement): void;
  stop(): void;
}

/**
 * Begins a session; resolves when it has its first picture in hand. `answered` is called when the server has answered, so what is
 * waited for from then on are pictures. An abort ends whatever was begun.
 */
export type Open = (url: string, signal: AbortSignal, answered: () => void) => Promise<Session>;
