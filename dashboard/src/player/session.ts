/** A running stream that has received its first picture; `show` makes it visible. */
export interface Session {
  /** Resolves with the reason once no more pictures can come, but not at `stop`. Buffered pictures may still play. */
  readonly lost: Promise<string>;
  /** True: nothing arrives any more, not even the reports that a server sends without pictures. False where this cannot be known. */
  readonly isSilent: boolean;
  /** A hidden video with the newest picture, before `show`; null: this transport has none. */
  readonly preview: HTMLVideoElement | null;
  /** Plays in this element, in place of the stream that played there. */
  show(video: HTMLVideoElement): void;
  stop(): void;
}

/**
 * Opens a session; resolves when it has received its first picture. `answered` is called when the server has answered; from then on only
 * pictures are awaited. An abort ends everything that was begun.
 */
export type Open = (url: string, signal: AbortSignal, answered: () => void) => Promise<Session>;
