import { FrameSource } from '../../simulator/clips/frameSource.js';
import { PictureEncoder } from '../../simulator/clips/pictureEncoder.js';
import { loadAv } from '../../src/media/av.js';
import { annexBNals, avcCOf, lengthPrefixed, NAL_PPS, NAL_SPS, nalType } from '../../src/media/h264.js';
import { rtpPayloads } from '../../src/media/rtp.js';
import { openPublisher } from '../../src/media/splice/publisher.js';
import { packetOf } from '../../src/media/splice/rtpPacket.js';
import type { SdpTrack } from '../../src/media/splice/sdp.js';
import type { VideoUnit } from '../../src/media/units.js';
import { systemClock } from '../../src/systemClock.js';

/** Of the marked picture and the marked sound. */
export const FRAME_MS = 40;
const SOUND_MS = 20;
const SOUND_RATE = 8000;
const MARK = 'camlease-mark-00';

/** One group of pictures, encoded once: each is what follows its predecessor. */
export interface Group {
  readonly sps: Buffer;
  readonly pps: Buffer;
  /** NAL units of the slices. */
  readonly frames: readonly (readonly Buffer[])[];
}

/** A moving picture with one key frame and `frames - 1` others. */
export async function encodeGroup(frames: number, size = '160x120'): Promise<Group> {
  const { lib, constants } = await loadAv();
  const av = { ...lib, ...constants };
  const [width = 0, height = 0] = size.split('x').map(Number);
  const job = { codec: 'h264', width, height, framesPerSecond: 1000 / FRAME_MS, framesPerGroup: frames } as const;
  using source = new FrameSource(av, `testsrc=size=${size}:rate=${job.framesPerSecond},format=yuv420p`, 'buffersink');
  using encoder = new PictureEncoder(av, job);
  const coded = Array.from({ length: frames }, (_, at) => annexBNals(encoder.encode(source.next(), at, at === 0)));
  const all = coded.flat();
  const sps = all.find((nal) => nalType(nal) === NAL_SPS) ?? Buffer.alloc(0);
  const pps = all.find((nal) => nalType(nal) === NAL_PPS) ?? Buffer.alloc(0);
  return { sps, pps, frames: coded.map((nals) => nals.filter((nal) => nalType(nal) <= 5)) };
}

export interface MarkedSourceOptions {
  readonly sound?: boolean;
  /** Parameter sets only in the description, as some cameras send them. */
  readonly describedOnly?: boolean;
}

/**
 * Publishes a stream whose every picture and piece of sound says which moment of the day it is of, so that a reader can tell
 * whether they are in step. Timestamps begin anywhere.
 */
export async function publishMarked(
  address: string,
  group: Group,
  { sound = true, describedOnly = false }: MarkedSourceOptions = {},
): Promise<{ stop(): void }> {
  const sprop = [group.sps, group.pps].map((set) => set.toString('base64')).join(',');
  const video: SdpTrack = {
    ...{ kind: 'video', codec: 'h264', clockRate: 90_000, channels: 1, payloadType: 96, control: '' },
    parameters: `packetization-mode=1; sprop-parameter-sets=${sprop}`,
  };
  const audio: SdpTrack = {
    ...{ kind: 'audio', codec: 'pcma', clockRate: SOUND_RATE, channels: 1, payloadType: 8, control: '' },
    parameters: null,
  };
  const publisher = await openPublisher(systemClock, address, sound ? [video, audio] : [video], () => undefined);
  const [videoStart, audioStart] = [Math.floor(Math.random() * 2 ** 32), Math.floor(Math.random() * 2 ** 32)];
  const first = Math.ceil(performance.now() / FRAME_MS);
  let next = first;
  const config = { avcC: describedOnly ? Buffer.alloc(0) : avcCOf(group.sps, group.pps), width: 0, height: 0 };
  const timer = setInterval(() => {
    for (; next * FRAME_MS <= performance.now(); next++) {
      const moment = next * FRAME_MS;
      const at = (next - first) % group.frames.length;
      const data = lengthPrefixed([markUnit(moment), ...(group.frames[at] ?? [])]);
      const unit: VideoUnit = { kind: 'video', config, dts: 0, pts: 0, keyFrame: at === 0, data };
      for (const { payload, marker } of rtpPayloads(unit)) {
        const frame = packetOf(payload);
        if (marker) frame[5] = 0x80;
        publisher.write(0, frame, videoStart + moment * 90);
      }
      for (let part = 0; sound && part < FRAME_MS; part += SOUND_MS) {
        const samples = Buffer.alloc((SOUND_MS * SOUND_RATE) / 1000);
        samples.write(`${moment + part};`);
        publisher.write(1, packetOf(samples), audioStart + ((moment + part) * SOUND_RATE) / 1000);
      }
    }
  }, FRAME_MS / 4);
  return {
    stop: () => {
      clearInterval(timer);
      publisher.close();
    },
  };
}

/** A user data unit (ITU-T H.264, D.1.6) that holds the moment as digits. */
function markUnit(moment: number): Buffer {
  const text = Buffer.from(`${MARK}${String(moment).padStart(12, '0')}`);
  return Buffer.concat([Buffer.from([6, 5, text.length]), text, Buffer.from([0x80])]);
}

/** The moment, in ms, that a picture or a piece of sound says it is of; null: it says none. */
export function markOf(data: Buffer, kind: 'video' | 'audio'): number | null {
  if (kind === 'audio') {
    const text = /^(\d+);/.exec(data.toString('latin1', 0, 20));
    return text ? Number(text[1]) : null;
  }
  const at = data.indexOf(MARK);
  return at < 0 ? null : Number(data.toString('latin1', at + MARK.length, at + MARK.length + 12));
}
