import { NAL_IDR, NAL_PPS, NAL_SPS, nalType, nalUnits, parameterSets } from './h264.js';
import type { VideoUnit } from './units.js';

/** Fits the smallest usual MTU together with the headers of SRTP, UDP and IPv6. */
const LARGEST_PAYLOAD_BYTES = 1180;
const FU_A = 28;

export interface RtpPayload {
  readonly payload: Buffer;
  /** Set on the last packet of a picture. */
  readonly marker: boolean;
}

/** One coded picture as RTP payloads (RFC 6184, packetization mode 1), parameter sets before every key frame. */
export function rtpPayloads(unit: VideoUnit): RtpPayload[] {
  const nals = nalUnits(unit.data);
  const has = (type: number): boolean => nals.some((nal) => nalType(nal) === type);
  if (has(NAL_IDR) && !(has(NAL_SPS) && has(NAL_PPS))) {
    const sets = parameterSets(unit.config.avcC);
    if (sets) nals.unshift(...sets.sps, ...sets.pps);
  }
  const payloads = nals.flatMap(split);
  return payloads.map((payload, index) => ({ payload, marker: index === payloads.length - 1 }));
}

function split(nal: Buffer): Buffer[] {
  if (nal.length <= LARGEST_PAYLOAD_BYTES) return [nal];
  const head = nal[0] ?? 0;
  const body = nal.subarray(1);
  const step = LARGEST_PAYLOAD_BYTES - 2;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += step) {
    const start = at === 0 ? 0x80 : 0;
    const end = at + step >= body.length ? 0x40 : 0;
    parts.push(
      Buffer.concat([Buffer.from([(head & 0xe0) | FU_A, start | end | (head & 0x1f)]), body.subarray(at, at + step)]),
    );
  }
  return parts;
}
