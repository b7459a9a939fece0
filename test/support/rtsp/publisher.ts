import type { Clock } from '../../../src/core/clock.js';
import { restamp } from './rtpPacket.js';
import { transport } from './reader.js';
import { RtspConnection } from './rtspConnection.js';
import { writeSdp, type SdpTrack } from './sdp.js';

/** When so many bytes wait, the media server does not read any more. */
const LARGEST_QUEUE_BYTES = 4 * 1024 * 1024;
const SOURCE_ID = 0x63616d00;

/** One connection that publishes a path of the media server. */
export class Publisher {
  readonly tracks: readonly SdpTrack[];
  readonly #connection: RtspConnection;
  readonly #onEnd: (error: Error) => void;
  readonly #sequences: number[];

  constructor(connection: RtspConnection, tracks: readonly SdpTrack[], onEnd: (error: Error) => void) {
    this.tracks = tracks;
    this.#connection = connection;
    this.#onEnd = onEnd;
    this.#sequences = tracks.map(() => 0);
  }

  write(track: number, frame: Buffer, timestamp: number): void {
    const sequence = this.#sequences[track] ?? 0;
    this.#sequences[track] = sequence + 1;
    const payloadType = this.tracks[track]?.payloadType ?? 96;
    restamp(frame, { channel: track * 2, payloadType, sequence, timestamp, source: SOURCE_ID + track });
    this.#connection.write(frame);
    if (this.#connection.queuedBytes > LARGEST_QUEUE_BYTES) {
      this.close();
      this.#onEnd(new Error('The media server does not read any more.'));
    }
  }

  close(): void {
    this.#connection.close();
  }
}

/** Resolves when the path accepts packets; rejects with the reason. `onEnd` is called when the connection ends later. */
export async function openPublisher(
  clock: Clock,
  address: string,
  tracks: readonly SdpTrack[],
  onEnd: (error: Error) => void,
): Promise<Publisher> {
  let isOpen = false;
  const connection = new RtspConnection(clock, address, {
    frame: () => undefined, // receiver reports
    end: (error) => {
      if (isOpen) onEnd(error);
    },
  });
  try {
    const { url } = connection;
    await connection.request('ANNOUNCE', url, { 'Content-Type': 'application/sdp' }, writeSdp(tracks));
    for (const index of tracks.keys()) {
      await connection.request('SETUP', `${url}/streamid=${index}`, { Transport: transport(index, ';mode=record') });
    }
    await connection.request('RECORD', url, { Range: 'npt=0.000-' });
    isOpen = true;
    return new Publisher(connection, tracks, onEnd);
  } catch (error) {
    connection.close();
    throw error;
  }
}
