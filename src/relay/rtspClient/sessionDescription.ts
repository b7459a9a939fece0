import type { TrackFormat } from '../rtpReading/trackFormat.js';

export interface DescribedMedia {
  readonly media: 'video' | 'audio';
  /** null: none is named, so the media's address is that of the session. */
  readonly control: string | null;
  /** In the order of the description. */
  readonly formats: readonly TrackFormat[];
  /** True: this is for sound that a client sends to the camera (ONVIF's back channel). */
  readonly isToCamera: boolean;
}

export interface SessionDescription {
  readonly control: string | null;
  readonly medias: readonly DescribedMedia[];
}

/** Cameras describe two to five medias, recorders some more. */
const MOST_MEDIAS = 32;
const MOST_FORMATS = 32;
/** Of one media, or of the session. */
const MOST_LINES = 200;
/** Payload types whose meaning is fixed (RFC 3551, section 6). */
const FIXED: Readonly<Record<number, string>> = {
  ...{ 0: 'PCMU/8000', 3: 'GSM/8000', 4: 'G723/8000', 8: 'PCMA/8000', 9: 'G722/8000', 10: 'L16/44100/2' },
  ...{ 11: 'L16/44100/1', 14: 'MPA/90000', 18: 'G729/8000', 26: 'JPEG/90000', 32: 'MPV/90000', 33: 'MP2T/90000' },
};
const VIDEO_RATE = 90_000;
const SOUND_RATE = 8_000;

/**
 * Reads a session description (SDP, RFC 4566) as cameras write it: what is understood is taken, every other line is passed over, and no line
 * is needed but `m=`. Medias other than video and audio are left out. `text`: one character for each byte, as it came.
 */
export function readDescription(text: string): SessionDescription {
  const [session = [], ...sections] = sectionsOf(text);
  return {
    control: attribute(session, 'control'),
    medias: sections.slice(0, MOST_MEDIAS).flatMap((lines) => mediaOf(lines) ?? []),
  };
}

/** The lines before the first `m=`, then those of each media. */
function sectionsOf(text: string): string[][] {
  const sections: string[][] = [[]];
  for (const raw of text.split(/[\r\n]+/)) {
    const line = raw.trim();
    if (/^m\s*=/.test(line)) sections.push([line]);
    else if (line !== '' && (sections.at(-1)?.length ?? 0) < MOST_LINES) sections.at(-1)?.push(line);
  }
  return sections;
}

function mediaOf(lines: readonly string[]): DescribedMedia[] | null {
  const [kind = '', , , ...types] = (lines[0] ?? '').replace(/^m\s*=\s*/, '').split(/\s+/);
  const media = kind.toLowerCase();
  if (media !== 'video' && media !== 'audio') return null;
  const numbers = types.filter((type) => /^\d{1,3}$/.test(type)).map(Number);
  return [
    {
      media,
      control: attribute(lines, 'control'),
      formats: [...new Set(numbers)].slice(0, MOST_FORMATS).map((type) => formatOf(media, type, lines)),
      // A picture marked so is the camera's own view of what it sends: no camera takes pictures.
      isToCamera: media === 'audio' && lines.includes('a=sendonly'),
    },
  ];
}

function formatOf(media: 'video' | 'audio', payloadType: number, lines: readonly string[]): TrackFormat {
  const fmtp = parametersOf(numbered(lines, 'fmtp', payloadType) ?? '');
  const map = numbered(lines, 'rtpmap', payloadType) ?? FIXED[payloadType] ?? `${guessed(media, fmtp)}/`;
  const [encoding = '', rate = '', channels = ''] = map.split('/').map((part) => part.trim());
  const usual = media === 'video' ? VIDEO_RATE : SOUND_RATE;
  return {
    ...{ media, payloadType, encoding: encoding.toUpperCase(), fmtp },
    clockRate: positive(rate, 1_000_000) ?? usual,
    channels: positive(channels, 64) ?? 1,
  };
}

/** What cameras that leave out the name of a picture's encoding mean, by the parameters that only one encoding has. */
function guessed(media: 'video' | 'audio', fmtp: ReadonlyMap<string, string>): string {
  if (media === 'audio') return '';
  if (fmtp.has('sprop-sps') || fmtp.has('sprop-vps')) return 'H265';
  return fmtp.has('sprop-parameter-sets') || fmtp.has('packetization-mode') ? 'H264' : '';
}

function parametersOf(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== '') parameters.set(name, equals === -1 ? '' : part.slice(equals + 1).trim());
  }
  return parameters;
}

/** The value of the first `a=<name>:`; null: there is none, or it is empty. */
function attribute(lines: readonly string[], name: string): string | null {
  const start = `a=${name}:`;
  const line = lines.find((one) => one.toLowerCase().startsWith(start));
  const value = line?.slice(start.length).trim() ?? '';
  return value === '' ? null : value;
}

/** The rest of `a=<name>:<payloadType> `. */
function numbered(lines: readonly string[], name: string, payloadType: number): string | null {
  const start = new RegExp(`^a=${name}:\\s*${payloadType}\\s+`, 'i');
  const line = lines.find((one) => start.test(one));
  return line === undefined ? null : line.replace(start, '');
}

function positive(text: string, most: number): number | null {
  const number = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : null;
}
