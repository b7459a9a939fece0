/**
 * What a relay does with a camera that has brought no picture for a minute while somebody watches: `slate` goes on with the camera's
 * slate, `end` ends the stream, so that players know.
 */
export const WHEN_GONE = ['slate', 'end'] as const;
export type WhenGone = (typeof WHEN_GONE)[number];

/** That minute, in ms. */
export const GONE_MS = 60_000;

/** A frozen picture must not look live for longer (ms): then the slate, or a label, takes its place. */
export const SLATE_AFTER_MS = 5_000;
