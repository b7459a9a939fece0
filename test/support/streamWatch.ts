import { loadAv } from '../../src/media/av.js';
import { openReader } from '../../src/media/splice/reader.js';
import { payloadOf, timestampOf } from '../../src/media/splice/rtpPacket.js';
import { systemClock } from '../../src/systemClock.js';

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
  stop(): Promise<void> | void;
}

/** Plays a stream by FFmpeg, as a viewer does, and keeps what came when. */
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
    }
    state.ended = !state.stopped;
  })();
  return {
    items,
    get ended() {
      return state.ended;
    },
    stop: async () => {
      state.stopped = true;
      context.interrupt();
      await loop;
      packet.free();
      await context.closeInput();
    },
  };
}

export interface WatchedPacket {
  readonly isVideo: boolean;
  /** The packet's own timestamp, which no player has corrected yet, in ms. */
  readonly timeMs: number;
  /** When it came: monotonic, ms. */
  readonly atMs: number;
  readonly payload: Buffer;
}

/** Reads a stream's RTP packets as they are. */
export async function watchPackets(url: string): Promise<StreamWatch<WatchedPacket>> {
  const items: WatchedPacket[] = [];
  const state = { ended: false };
  const reader = await openReader(systemClock, url, {
    packet: (track, frame, { tracks, clock }) => {
      const timeMs = (clock.unwrap(track, timestampOf(frame)) * 1000) / (tracks[track]?.clockRate ?? 1);
      items.push({ isVideo: track === 0, timeMs, atMs: performance.now(), payload: Buffer.from(payloadOf(frame)) });
    },
    end: () => (state.ended = true),
  });
  return {
    items,
    get ended() {
      return state.ended;
    },
    stop: () => reader.close(),
  };
}
