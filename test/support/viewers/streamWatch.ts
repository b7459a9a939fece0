import { loadAv } from '../../../src/media/av.js';
import { Happenings } from '../happenings.js';

export interface Played {
  readonly isVideo: boolean;
  readonly isKey: boolean;
  /** When it came: monotonic, ms. */
  readonly atMs: number;
}

export interface StreamWatch<Item> {
  readonly items: readonly Item[];
  /** True once the stream ended by itself. */
  readonly ended: boolean;
  /** Resolves when `isSo` is true, checked with each item, or when the stream has ended. */
  goesOnUntil(isSo: () => boolean): Promise<void>;
  stop(): Promise<void> | void;
}

/** Plays a stream with FFmpeg, as a viewer does, and keeps each frame's time of arrival. */
export async function playStream(url: string): Promise<StreamWatch<Played>> {
  const { lib, constants } = await loadAv();
  const context = new lib.FormatContext();
  context.allocContext();
  const options = lib.Dictionary.fromObject({ rtsp_transport: 'tcp', analyzeduration: '300000' });
  if ((await context.openInput(url, null, options)) < 0) throw new Error('The stream does not open.');
  await context.findStreamInfo(null);
  options.free();
  const items: Played[] = [];
  const state = { stopped: false, ended: false };
  const happenings = new Happenings();
  const packet = new lib.Packet();
  packet.alloc();
  const loop = (async () => {
    for (;;) {
      const result = await context.readFrame(packet);
      if (result < 0) break;
      const stream = context.streams[packet.streamIndex];
      const isVideo = stream?.codecpar.codecType === constants.AVMEDIA_TYPE_VIDEO;
      items.push({ isVideo, isKey: packet.isKeyframe, atMs: performance.now() });
      packet.unref();
      happenings.tell();
    }
    state.ended = !state.stopped;
    happenings.tell();
  })();
  return {
    items,
    get ended() {
      return state.ended;
    },
    goesOnUntil: (isSo) => happenings.until(() => state.ended || isSo()),
    stop: async () => {
      state.stopped = true;
      context.interrupt();
      await loop;
      packet.free();
      await context.closeInput();
    },
  };
}
