import type { CameraId } from '../../core/camera/camera.js';
import { AppError, CameraError } from '../../core/errors.js';
import type { CompatDeps } from '../compatApp.js';
import type { OldStream } from './streams.js';
import { notServed } from './thumbnails.js';

/** Beyond it a joining player begins with the next key frame. */
const MOST_GROUP_BYTES = 4 * 1024 * 1024;

/** Each takes about a tenth of a core. */
const MOST_AT_ONCE = 4;

/** The relay may not know a camera yet that was added a moment ago: its refusals are taken as final only after so long. */
const PATIENCE_MS = 8_000;
const AGAIN_MS = 500;

export interface VideoWatcher {
  /** Whole transport packets; begins with a key frame. */
  piece(body: Buffer, isKey: boolean): void;
  /** Called once, unless the watcher left. null: the stream was deleted, or camlease stops. */
  ended(error: Error | null): void;
}

/** The one transcode of a camera. */
interface Broadcast {
  streamId: string;
  readonly beganMs: number;
  hasPieces: boolean;
  readonly watchers: Set<VideoWatcher>;
  /** What came since the latest key frame, so that a new player sees a picture at once; null: too much. */
  group: Buffer[] | null;
}

/** The cameras' MPEG-1 video: one transcode for each, begun with its first watcher and ended with its last. */
export class SharedVideo {
  readonly #deps: Pick<CompatDeps, 'clock' | 'engine' | 'media' | 'mostViewerStreams'>;
  readonly #broadcasts = new Map<CameraId, Broadcast>();
  #begun = 0;

  constructor(deps: Pick<CompatDeps, 'clock' | 'engine' | 'media' | 'mostViewerStreams'>) {
    this.#deps = deps;
    deps.media.listen({
      mpeg1Piece: (streamId, body, isKey) => this.#piece(streamId, body, isKey),
      mpeg1Ended: (streamId, error) => {
        if (!this.#beginsAgain(streamId, error)) this.#ended(streamId, error);
      },
      lost: () => {
        const error = new AppError('ENGINE_MISSING', 'The process that transcodes ended.', { cure: 'Try again.' });
        for (const { streamId } of [...this.#broadcasts.values()]) this.#ended(streamId, error);
      },
    });
  }

  /** Throws `AppError` or `CameraError` where no transcode may begin. The returned function ends the watching. */
  watch({ camera }: OldStream, watcher: VideoWatcher): () => void {
    const broadcast = this.#broadcasts.get(camera.id) ?? this.#begin(camera.id);
    broadcast.watchers.add(watcher);
    const group = broadcast.group ?? [];
    if (group.length > 0) watcher.piece(Buffer.concat(group), true);
    return () => {
      if (!broadcast.watchers.delete(watcher) || broadcast.watchers.size > 0) return;
      if (this.#broadcasts.get(camera.id) === broadcast) this.#broadcasts.delete(camera.id);
      this.#close(broadcast);
    };
  }

  /** Ends the camera's watchers, as the camera was deleted. */
  end(id: CameraId): void {
    const broadcast = this.#broadcasts.get(id);
    if (broadcast === undefined) return;
    this.#close(broadcast);
    this.#ended(broadcast.streamId, null);
  }

  close(): void {
    for (const id of [...this.#broadcasts.keys()]) this.end(id);
  }

  #begin(id: CameraId): Broadcast {
    const { engine, media, mostViewerStreams = MOST_AT_ONCE } = this.#deps;
    if (this.#broadcasts.size >= mostViewerStreams)
      throw new AppError('RATE_LIMITED', `No more than ${mostViewerStreams} cameras are transcoded at once.`, {
        cure: 'Stop another one, or raise MAX_CONCURRENT_STREAMS where camlease runs.',
      });
    const { available, problem } = media.availability();
    if (!available) throw new AppError('ENGINE_MISSING', problem ?? 'Nothing transcodes.', { cure: 'Run npm ci.' });
    const url = engine.readerUrl?.(id) ?? null;
    if (url === null) throw notServed();
    const beganMs = this.#deps.clock.monotonicMs();
    const broadcast: Broadcast = { streamId: '', beganMs, hasPieces: false, watchers: new Set(), group: [] };
    this.#broadcasts.set(id, broadcast);
    this.#open(broadcast, url);
    return broadcast;
  }

  #open(broadcast: Broadcast, url: string): void {
    this.#begun += 1;
    const streamId = `viewer-${this.#begun}`;
    broadcast.streamId = streamId;
    this.#deps.media.openMpeg1(streamId, url).catch((error: unknown) => {
      this.#ended(streamId, error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** False: there is nothing to wait for. */
  #beginsAgain(streamId: string, error: Error): boolean {
    const { clock, engine } = this.#deps;
    const named = this.#named(streamId);
    if (named === null || named.broadcast.hasPieces) return false;
    if (!(error instanceof CameraError) || error.code !== 'STREAM_REFUSED') return false;
    const { id, broadcast } = named;
    if (clock.monotonicMs() - broadcast.beganMs >= PATIENCE_MS) return false;
    clock.after(AGAIN_MS, () => {
      if (this.#broadcasts.get(id) !== broadcast) return;
      const url = engine.readerUrl?.(id) ?? null;
      if (url === null) this.#ended(streamId, error);
      else this.#open(broadcast, url);
    });
    return true;
  }

  #close({ streamId }: Broadcast): void {
    // A media process that died has ended it already.
    this.#deps.media.closeMpeg1(streamId).catch(() => undefined);
  }

  #piece(streamId: string, body: Buffer, isKey: boolean): void {
    const broadcast = this.#named(streamId)?.broadcast;
    if (broadcast === undefined) return;
    broadcast.hasPieces = true;
    if (isKey) broadcast.group = [];
    broadcast.group?.push(body);
    if ((broadcast.group ?? []).reduce((sum, { length }) => sum + length, 0) > MOST_GROUP_BYTES) broadcast.group = null;
    for (const watcher of [...broadcast.watchers]) watcher.piece(body, isKey);
  }

  #ended(streamId: string, error: Error | null): void {
    const named = this.#named(streamId);
    if (named === null) return;
    this.#broadcasts.delete(named.id);
    const watchers = [...named.broadcast.watchers];
    named.broadcast.watchers.clear();
    for (const watcher of watchers) watcher.ended(error);
  }

  #named(streamId: string): { readonly id: CameraId; readonly broadcast: Broadcast } | null {
    for (const [id, broadcast] of this.#broadcasts) if (broadcast.streamId === streamId) return { id, broadcast };
    return null;
  }
}
