import { Happenings } from '../happenings.js';
import { RtspReader } from '../relay/rtspReader.js';
import type { StreamWatch } from './streamWatch.js';

export interface WatchedPacket {
  readonly isVideo: boolean;
  /** The packet's own timestamp in ms, not corrected by any player. */
  readonly timeMs: number;
  /** When it came: monotonic, ms. */
  readonly atMs: number;
  readonly payload: Buffer;
}

interface Track {
  readonly isVideo: boolean;
  readonly clockRate: number;
  readonly control: string;
  lastTimestamp: number | null;
  ticks: number;
}

const RTP_HEAD_BYTES = 12;
const TIMESTAMPS = 2 ** 32;

/**
 * Reads a stream's RTP packets. It waits for as long as the server keeps the connection: the server decides how long an answer may take, and
 * a busy machine must not fail a test.
 */
export async function watchPackets(url: string): Promise<StreamWatch<WatchedPacket>> {
  const items: WatchedPacket[] = [];
  const state = { ended: false, stopped: false };
  const happenings = new Happenings();
  let tracks: Track[] = [];
  const reader = new RtspReader(Number(new URL(url).port), ({ channel, data }) => {
    const track = tracks[channel >> 1];
    const isReport = channel % 2 === 1;
    if (track === undefined || isReport || data.length < RTP_HEAD_BYTES) return;
    items.push(seen(track, data));
    happenings.tell();
  });
  reader.socket.once('close', () => {
    state.ended = !state.stopped;
    happenings.tell();
  });
  const stop = (): void => {
    state.stopped = true;
    reader.socket.destroy();
  };
  try {
    const described = await accepted(reader, 'DESCRIBE', url);
    tracks = tracksIn(described);
    const base = /^Content-Base: (\S+)/im.exec(described)?.[1] ?? `${url}/`;
    for (const [index, { control }] of tracks.entries()) {
      const transport = `Transport: RTP/AVP/TCP;unicast;interleaved=${index * 2}-${index * 2 + 1}`;
      const of = control.startsWith('rtsp:') ? control : `${base}${control}`;
      await accepted(reader, 'SETUP', of, transport);
    }
    await accepted(reader, 'PLAY', url);
    reader.stayAlive(url, ...loginOf(url));
  } catch (thrown) {
    stop();
    throw thrown;
  }
  return {
    items,
    get ended() {
      return state.ended;
    },
    goesOnUntil: (isSo) => happenings.until(() => state.ended || isSo()),
    stop,
  };
}

async function accepted(
  reader: RtspReader,
  method: string,
  url: string,
  ...headers: readonly string[]
): Promise<string> {
  const answer = await reader.ask(method, url, ...loginOf(url), ...headers);
  if (!answer.startsWith('RTSP/1.0 200')) throw new Error(`${method} was answered with: ${answer.split('\r\n')[0]}`);
  return answer;
}

/** The header with the login that the address holds. */
function loginOf(url: string): readonly string[] {
  const { username, password } = new URL(url);
  return username === '' ? [] : [`Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

/** The picture and the sound, in the order in which they are set up. */
function tracksIn(description: string): Track[] {
  return description
    .split(/\r?\n(?=m=)/)
    .slice(1)
    .map((section) => ({
      isVideo: section.startsWith('m=video'),
      clockRate: Number(/^a=rtpmap:\d+ [^/\s]+\/(\d+)/m.exec(section)?.[1] ?? 8_000),
      control: /^a=control:(\S+)/m.exec(section)?.[1] ?? '',
      lastTimestamp: null,
      ticks: 0,
    }));
}

function seen(track: Track, data: Buffer): WatchedPacket {
  const timestamp = data.readUInt32BE(4);
  const step = timestamp - (track.lastTimestamp ?? 0);
  // Timestamps begin at any number and wrap.
  const isRound = track.lastTimestamp !== null && Math.abs(step) > TIMESTAMPS / 2;
  track.ticks += isRound ? step - Math.sign(step) * TIMESTAMPS : step;
  track.lastTimestamp = timestamp;
  const contributors = (data[0] ?? 0) & 0x0f;
  return {
    isVideo: track.isVideo,
    timeMs: (track.ticks * 1000) / track.clockRate,
    atMs: performance.now(),
    payload: Buffer.from(data.subarray(RTP_HEAD_BYTES + contributors * 4)),
  };
}
