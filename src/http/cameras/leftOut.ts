import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import { AppError } from '../../core/errors.js';
import type { HttpDeps } from '../route/deps.js';

/** The most left-out documents in one list of cameras. */
const MOST_TOLD = 1_000;

/** Stored documents that could not be read as cameras, for the list of cameras. */
export function leftOutJson({
  cameras,
  redact,
}: Pick<HttpDeps, 'cameras' | 'redact'>): Array<{ id: string; message: string; cure: string }> {
  return cameras
    .leftOut()
    .slice(0, MOST_TOLD)
    .map(({ id, message, cure }) => ({ id: redact(id), message: redact(message), cure: redact(cure) }));
}

/** Stored cameras that are left out of the list and not served; the others are served. null: there are none. */
export function leftOutSentence(documents: readonly LeftOutDocument[]): string | null {
  const [first] = documents;
  if (!first) return null;
  const more = documents.length - 1;
  const others =
    more === 0 ? '' : ` ${more} more ${more === 1 ? 'is' : 'are'} left out too: see leftOut in GET /api/camera.`;
  return `The stored camera ${first.id} is left out: ${first.message}. ${first.cure}${others}`;
}

/** Changes of cameras, and new cameras, that the database refuses; null: it takes all. */
export function refusedWritesSentence(cameras: Pick<HttpDeps['cameras'], 'peek' | 'refusedWrites'>): string | null {
  const refused = [...cameras.refusedWrites()];
  const [first] = refused;
  if (!first) return null;
  const [id, { message, cure }] = first;
  const camera = cameras.peek(id);
  const what = camera ? `a change of the camera ${camera.name}` : `the new camera ${id}`;
  const more = refused.length - 1;
  const others =
    more === 0
      ? ''
      : ` The same is true of ${more} more ${more === 1 ? 'camera' : 'cameras'}; GET /api/camera/:id shows the reason of each stored camera.`;
  return `The database refuses ${what}: ${message} ${cure}${others}`;
}

/** The error for a request that names a left-out document. */
export function documentLeftOut({ message, cure }: LeftOutDocument): AppError {
  return new AppError('DOCUMENT_LEFT_OUT', `This camera's document is left out: ${message}.`, { cure });
}
