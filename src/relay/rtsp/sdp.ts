import type { PictureSetup } from '../units/nalUnits.js';
import type { SoundSetup } from '../units/sound.js';

export interface DescribedTracks {
  readonly picture: PictureSetup | null;
  readonly sound: SoundSetup | null;
}

export const PICTURE_TYPE = 96;
const SOUND_TYPE = 97;
/** Static payload types, for 8 kHz and one channel alone (RFC 3551, section 6). */
const PLAIN_TYPES = { pcmu: 0, pcma: 8 } as const;

export function soundType({ codec, sampleRate, channels }: SoundSetup): number {
  const isPlain = codec === 'pcma' || codec === 'pcmu';
  return isPlain && sampleRate === 8_000 && channels === 1 ? PLAIN_TYPES[codec] : SOUND_TYPE;
}

/** The session description (SDP) of a live stream: `trackID=0` is the picture, `trackID=1` the sound. */
export function describe({ picture, sound }: DescribedTracks): string {
  const lines = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=camlease',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
  ];
  if (picture) lines.push(...pictureLines(picture));
  if (sound) lines.push(...soundLines(sound));
  return `${lines.join('\r\n')}\r\n`;
}

function pictureLines({ codec, parameterSets }: PictureSetup): string[] {
  const name = codec === 'h264' ? 'H264' : 'H265';
  return [
    `m=video 0 RTP/AVP ${PICTURE_TYPE}`,
    'a=control:trackID=0',
    `a=rtpmap:${PICTURE_TYPE} ${name}/90000`,
    `a=fmtp:${PICTURE_TYPE} ${codec === 'h264' ? avcFormat(parameterSets) : hevcFormat(parameterSets)}`,
  ];
}

function avcFormat(sets: readonly Buffer[]): string {
  const sps = sets.find((set) => ((set[0] ?? 0) & 0x1f) === 7);
  const profile =
    sps && sps.length >= 4 ? `; profile-level-id=${sps.subarray(1, 4).toString('hex').toUpperCase()}` : '';
  return `packetization-mode=1; sprop-parameter-sets=${sets.map((set) => set.toString('base64')).join(',')}${profile}`;
}

const HEVC_NAMES: Readonly<Record<number, string>> = { 32: 'sprop-vps', 33: 'sprop-sps', 34: 'sprop-pps' };

/** Each kind of parameter set once, followed by all sets of that kind (RFC 7798, section 7.1). */
function hevcFormat(sets: readonly Buffer[]): string {
  const byName = new Map<string, string[]>();
  for (const set of sets) {
    const name = HEVC_NAMES[((set[0] ?? 0) >> 1) & 0x3f];
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), set.toString('base64')]);
  }
  return [...byName].map(([name, values]) => `${name}=${values.join(',')}`).join('; ');
}

function soundLines(setup: SoundSetup): string[] {
  const type = soundType(setup);
  const { codec, sampleRate, channels, config } = setup;
  const head = [`m=audio 0 RTP/AVP ${type}`, 'a=control:trackID=1'];
  // Two channels stand there whatever is sent (RFC 7587, section 7); `sprop-stereo` says what is.
  if (codec === 'opus')
    return [...head, `a=rtpmap:${type} opus/48000/2`, `a=fmtp:${type} sprop-stereo=${channels > 1 ? 1 : 0}`];
  if (codec !== 'aac')
    return [...head, `a=rtpmap:${type} ${codec === 'pcma' ? 'PCMA' : 'PCMU'}/${sampleRate}/${channels}`];
  const format = `profile-level-id=1; mode=AAC-hbr; sizelength=13; indexlength=3; indexdeltalength=3; config=${config?.toString('hex') ?? ''}`;
  return [...head, `a=rtpmap:${type} mpeg4-generic/${sampleRate}/${channels}`, `a=fmtp:${type} ${format}`];
}
