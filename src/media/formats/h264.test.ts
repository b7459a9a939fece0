import { describe, expect, it } from 'vitest';
import { annexBNals, avcCOf, lengthPrefixed, nalUnits, parameterSets, videoConfigOf } from './h264.js';
import { rtpPayloads } from './rtp.js';
import { spsSize } from './sps.js';

/** 640x360, High profile, as x264 writes it. */
const SPS = Buffer.from('67640016acb405017fcb8088000003000800000300f478b175', 'hex');
const PPS = Buffer.from('68ef3cb0', 'hex');

describe('an H.264 parameter set', () => {
  it('tells the size of the picture, cropped', () => {
    expect(spsSize(SPS)).toEqual({ width: 640, height: 360 });
  });

  it('that is torn tells nothing', () => {
    for (let length = 0; length < 9; length++) expect(spsSize(SPS.subarray(0, length))).toBeNull();
  });

  it('is read from both forms of extradata', () => {
    const avcC = avcCOf(SPS, PPS);
    expect(parameterSets(avcC)).toEqual({ sps: [SPS], pps: [PPS] });
    expect(videoConfigOf(avcC)).toEqual({ config: { avcC, width: 640, height: 360 }, annexB: false });
    const annexB = Buffer.concat([Buffer.from([0, 0, 0, 1]), SPS, Buffer.from([0, 0, 1]), PPS]);
    expect(videoConfigOf(annexB)).toEqual({ config: { avcC, width: 640, height: 360 }, annexB: true });
    expect(videoConfigOf(Buffer.from('garbage'))).toBeNull();
  });
});

describe('NAL units', () => {
  it('come out as they went in', () => {
    const nals = [Buffer.from([0x41, 1]), Buffer.from([0x41, 2, 3])];
    expect(nalUnits(lengthPrefixed(nals))).toEqual(nals);
    expect(nalUnits(lengthPrefixed(nals).subarray(0, -1))).toEqual([nals[0]]);
    const annexB = Buffer.concat(nals.map((nal) => Buffer.concat([Buffer.from([0, 0, 0, 1]), nal])));
    expect(annexBNals(annexB)).toEqual(nals);
  });
});

describe('RTP payloads', () => {
  const config = { avcC: avcCOf(SPS, PPS), width: 640, height: 360 };
  const unit = (nal: Buffer, keyFrame: boolean) =>
    ({ kind: 'video', config, dts: 0, pts: 0, keyFrame, data: lengthPrefixed([nal]) }) as const;

  it('of a key frame begin with the parameter sets', () => {
    const payloads = rtpPayloads(unit(Buffer.from([0x65, 9, 9]), true));
    expect(payloads.map(({ payload }) => payload)).toEqual([SPS, PPS, Buffer.from([0x65, 9, 9])]);
    expect(payloads.map(({ marker }) => marker)).toEqual([false, false, true]);
  });

  it('of a large picture are split, and hold all of it', () => {
    const nal = Buffer.concat([Buffer.from([0x41]), Buffer.alloc(5000, 7)]);
    const payloads = rtpPayloads(unit(nal, false));
    expect(Math.max(...payloads.map(({ payload }) => payload.length))).toBeLessThanOrEqual(1180);
    expect(payloads.map(({ payload }) => (payload[1] ?? 0) >> 6)).toEqual([2, 0, 0, 0, 1]);
    expect(Buffer.concat(payloads.map(({ payload }) => payload.subarray(2)))).toEqual(nal.subarray(1));
    expect(payloads.filter(({ marker }) => marker)).toHaveLength(1);
  });
});
