/** One format of a track, as the session description (SDP) gives it in `rtpmap` and `fmtp`. */
export interface TrackFormat {
  readonly media: 'video' | 'audio';
  /** 0 to 127. */
  readonly payloadType: number;
  /** The encoding of `rtpmap` in upper case, such as `H264`; for a static payload type without `rtpmap`, its name in RFC 3551. */
  readonly encoding: string;
  /** Ticks of the time stamp in a second. */
  readonly clockRate: number;
  /** 1 where `rtpmap` says nothing. */
  readonly channels: number;
  /** Parameters by name in lower case; values as they were given. */
  readonly fmtp: ReadonlyMap<string, string>;
}

const PICTURES: ReadonlySet<string> = new Set(['H264', 'H265']);
const SOUNDS: ReadonlySet<string> = new Set(['MP4A-LATM', 'MPEG4-GENERIC', 'OPUS', 'PCMA', 'PCMU']);

/** Whether the relay carries this format. A client sets up tracks that it carries, and tells `RtpMedia` of the others so that they are named. */
export function isCarried({ media, encoding }: TrackFormat): boolean {
  return (media === 'video' ? PICTURES : SOUNDS).has(encoding);
}
