/** One track of a session description (RFC 8866, RFC 8866's `a=rtpmap` and `a=fmtp`). */
export interface SdpTrack {
  readonly kind: 'video' | 'audio';
  /** The encoding name, in lower case: `h264`, `mpeg4-generic`, `pcma`, `opus`. */
  readonly codec: string;
  /** Ticks per second of its timestamps. */
  readonly clockRate: number;
  readonly channels: number;
  readonly payloadType: number;
  /** The codec's parameters, unchanged from the description. */
  readonly parameters: string | null;
  /** The address for SETUP: relative to the description's base, or a complete one. */
  readonly control: string;
}

/** Numbers that need no `a=rtpmap` (RFC 3551). */
const STATIC = new Map([
  [0, 'pcmu/8000'],
  [8, 'pcma/8000'],
]);

/** The first video track and the first sound track, in this order; others are left out. */
export function readTracks(sdp: string): SdpTrack[] {
  const sections = sdp.split(/\r?\n(?=m=)/).slice(1);
  const tracks = sections.map(readTrack).filter((track) => track !== null);
  return (['video', 'audio'] as const).flatMap((kind) => tracks.find((track) => track.kind === kind) ?? []);
}

function readTrack(section: string): SdpTrack | null {
  const head = /^m=(video|audio) \S+ \S+ (\d+)/.exec(section);
  if (!head) return null;
  const payloadType = Number(head[2]);
  const attribute = (name: string): string | null =>
    new RegExp(`^a=${name}(.*?)\\r?$`, 'm').exec(section)?.[1]?.trim() ?? null;
  const map = attribute(`rtpmap:${payloadType} `) ?? STATIC.get(payloadType) ?? '';
  const [codec = '', clockRate = '', channels = '1'] = map.toLowerCase().split('/');
  if (!/^\d+$/.test(clockRate)) return null;
  return {
    kind: head[1] === 'video' ? 'video' : 'audio',
    codec,
    clockRate: Number(clockRate),
    channels: Number(channels),
    payloadType,
    parameters: attribute(`fmtp:${payloadType} `),
    control: attribute('control:') ?? '',
  };
}

/** The description of published tracks; the track at `index` is set up as `streamid=<index>`. */
export function writeSdp(tracks: readonly SdpTrack[]): string {
  const sections = tracks.flatMap((track, index) => {
    const channels = track.channels > 1 ? `/${track.channels}` : '';
    return [
      `m=${track.kind} 0 RTP/AVP ${track.payloadType}`,
      `a=rtpmap:${track.payloadType} ${track.codec.toUpperCase()}/${track.clockRate}${channels}`,
      ...(track.parameters === null ? [] : [`a=fmtp:${track.payloadType} ${track.parameters}`]),
      `a=control:streamid=${index}`,
    ];
  });
  const head = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=camlease', 'c=IN IP4 0.0.0.0', 't=0 0'];
  return [...head, ...sections, ''].join('\r\n');
}
