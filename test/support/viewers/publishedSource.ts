import { FrameSource } from '../../../simulator/clips/frameSource.js';
import { PictureEncoder } from '../../../simulator/clips/pictureEncoder.js';
import { loadAv } from '../../../src/media/av.js';
import { annexBNals, avcCOf, lengthPrefixed, NAL_PPS, NAL_SPS, nalType } from '../../../src/media/formats/h264.js';
import { rtpPayloads } from '../../../src/media/formats/rtp.js';
import { openPublisher } from '../rtsp/publisher.js';
import { packetOf } from '../rtsp/rtpPacket.js';
import type { SdpTrack } from '../rtsp/sdp.js';
import type { VideoUnit } from '../../../src/media/formats/units.js';
import { systemClock } from '../../../src/systemClock.js';

const FRAME_MS = 40;

/** One group of pictures that were encoded in a row: a key frame and the frames that follow it. */
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

const PCMA: SdpTrack = {
  ...{ kind: 'audio', codec: 'pcma', clockRate: 8_000, channels: 1, payloadType: 8, control: '', parameters: null },
};

/** Publishes the group repeatedly, in real time. Timestamps begin at any number. `sound`: silence in G.711 beside it. */
export async function publishGroup(address: string, group: Group, sound?: 'pcma'): Promise<{ stop(): void }> {
  const sprop = [group.sps, group.pps].map((set) => set.toString('base64')).join(',');
  const video: SdpTrack = {
    ...{ kind: 'video', codec: 'h264', clockRate: 90_000, channels: 1, payloadType: 96, control: '' },
    parameters: `packetization-mode=1; sprop-parameter-sets=${sprop}`,
  };
  const publisher = await openPublisher(systemClock, address, sound ? [video, PCMA] : [video], () => undefined);
  const start = Math.floor(Math.random() * 2 ** 32);
  const first = Math.ceil(performance.now() / FRAME_MS);
  let next = first;
  const config = { avcC: avcCOf(group.sps, group.pps), width: 0, height: 0 };
  const timer = setInterval(() => {
    for (; next * FRAME_MS <= performance.now(); next++) {
      if (sound) publisher.write(1, packetOf(Buffer.alloc(FRAME_MS * 8, 0xd5)), start + next * FRAME_MS * 8);
      const at = (next - first) % group.frames.length;
      const data = lengthPrefixed([...(group.frames[at] ?? [])]);
      const unit: VideoUnit = { kind: 'video', config, dts: 0, pts: 0, keyFrame: at === 0, data };
      for (const { payload, marker } of rtpPayloads(unit)) {
        const frame = packetOf(payload);
        if (marker) frame[5] = 0x80;
        publisher.write(0, frame, start + next * FRAME_MS * 90);
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
