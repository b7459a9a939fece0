/** Media that no camera sends, and that would take too much memory or time from this process's other cameras. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
}
