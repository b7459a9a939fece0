/**
 * What a relay does with a watched camera that has brought no picture for a minute: `slate` goes on with the camera's
 * slate, `end` ends the stream, so that players notice.
 */
export const WHEN_GONE = ['slate', 'end'] as const;
export type WhenGone = (typeof WHEN_GONE)[number];

/** How long the picture has to be away for that (ms). */
export const GONE_MS = 60_000;

/** After this time (ms) the slate, or a label, replaces a frozen picture, so that it does not look live. */
export const SLATE_AFTER_MS = 5_000;
