import type { Clock } from '../../../src/core/clock.js';
import { channelOf, isRtp } from './rtpPacket.js';
import { RtspConnection } from './rtspConnection.js';
import { readTracks, type SdpTrack } from './sdp.js';

/** MediaMTX ends the connection of a reader that sends nothing for 60 s. */
const KEEP_ALIVE_MS = 20_000;

export interface ReaderListener {
  /** A packet of the picture (track 0) or the sound (track 1). */
  packet(track: number, frame: Buffer, reader: Reader): void;
  end(error: Error): void;
}

/** One connection that plays a path of the media server. */
export class Reader {
  readonly tracks: readonly SdpTrack[];
  readonly #connection: RtspConnection;
  #stopKeepAlive: () => void = () => undefined;

  constructor(clock: Clock, connection: RtspConnection, tracks: readonly SdpTrack[]) {
    this.tracks = tracks;
    this.#connection = connection;
    const stayAlive = (): void => {
      this.#stopKeepAlive = clock.after(KEEP_ALIVE_MS, () => {
        connection.keepAlive();
        stayAlive();
      });
    };
    stayAlive();
  }

  close(): void {
    this.#stopKeepAlive();
    this.#connection.close();
  }
}

/** Resolves when the path plays. Rejects with the reason; `listener.end` may have been called before. */
export async function openReader(clock: Clock, address: string, listener: ReaderListener): Promise<Reader> {
  let reader: Reader | null = null;
  const connection = new RtspConnection(clock, address, {
    frame: (frame) => {
      if (!reader) return;
      const channel = channelOf(frame);
      const track = channel >> 1;
      const isPacket = channel % 2 === 0 && track < reader.tracks.length && isRtp(frame);
      if (isPacket) listener.packet(track, frame, reader);
    },
    end: (error) => {
      reader?.close();
      listener.end(error);
    },
  });
  try {
    const described = await connection.request('DESCRIBE', connection.url, { Accept: 'application/sdp' });
    const tracks = readTracks(described.body);
    const [video] = tracks;
    if (video?.codec !== 'h264') throw new Error('The stream has no picture in H.264.');
    const base = described.headers.get('content-base') ?? `${connection.url}/`;
    for (const [index, { control }] of tracks.entries()) {
      const url = control.startsWith('rtsp:') ? control : `${base}${control}`;
      await connection.request('SETUP', url, { Transport: transport(index) });
    }
    // The first packets may come in one piece with the answer.
    reader = new Reader(clock, connection, tracks);
    await connection.request('PLAY', connection.url);
    return reader;
  } catch (error) {
    reader?.close();
    connection.close();
    throw error;
  }
}

/** Each track has a channel for its packets and the next one for reports. */
export function transport(track: number, more = ''): string {
  return `RTP/AVP/TCP;unicast;interleaved=${track * 2}-${track * 2 + 1}${more}`;
}
