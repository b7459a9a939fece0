import type { SenderReport } from './senderReport.js';
import { TrackTime } from './trackTime.js';

/** Sender reports that put the tracks this close to where they are by arrival are believed at once. */
const PLAUSIBLE_MS = 500;
/** Others are believed when two of a track in a row agree within this. */
const AGREED_MS = 100;
/** No camera sends its sound and its pictures further apart. */
const MOST_APART_MS = 10_000;
/** RTP-Info is believed if it puts the tracks this close to where they are by arrival; many cameras write 0 or an old stamp into it. */
const INFO_APART_MS = 1_000;
/** Once pictures are shown, sound is moved by so much of the time that passes: a fiftieth is not noticed. */
const PACE = 0.02;
/** Smaller differences are left: the reports themselves are not more exact. */
const UNSEEN_MS = 5;

export interface Placed {
  readonly timeMs: number;
  readonly hasJumped: boolean;
}

interface Track {
  readonly time: TrackTime;
  /** The stamp that RTP-Info gave. */
  infoTimestamp: number | null;
  /** The sender's wall clock minus the time here, by the latest report; null: none has come since the clock jumped. */
  wallMs: number | null;
  /** The latest two reports agree. */
  isAgreed: boolean;
}

/**
 * The clocks of a picture and a sound track, each with its own zero, brought together: first by the arrival of their first packets, and by
 * RTP-Info where it fits that; then by sender reports, where these can be believed. Only sound is moved, slowly once pictures are shown.
 */
export class TrackClocks {
  readonly #picture: Track | null;
  readonly #sound: Track | null;
  #isShown = false;
  /** By how much sound is still to be moved. */
  #openMs = 0;
  #soundArrivedMs: number | null = null;

  /** `pictureRate`, `soundRate`: ticks in a second; null: there is no such track. */
  constructor(pictureRate: number | null, soundRate: number | null) {
    this.#picture = pictureRate === null ? null : trackOf(pictureRate);
    this.#sound = soundRate === null ? null : trackOf(soundRate);
  }

  /** The stamps of the first packets, as RTP-Info gave them. */
  begin(picture: number | null, sound: number | null): void {
    if (this.#picture) this.#picture.infoTimestamp = picture;
    if (this.#sound) this.#sound.infoTimestamp = sound;
  }

  /** A picture was handed on: from now on sound moves slowly. */
  show(): void {
    this.#isShown = true;
  }

  place(kind: 'picture' | 'sound', timestamp: number, arrivedMs: number): Placed {
    const track = kind === 'picture' ? this.#picture : this.#sound;
    if (track === null) return { timeMs: arrivedMs, hasJumped: false };
    const wasNew = track.time.isNew;
    const placed = track.time.place(timestamp, arrivedMs);
    if (wasNew) this.#meetByInfo();
    if (placed.hasJumped) {
      track.wallMs = null;
      track.isAgreed = false;
      this.#openMs = 0;
    }
    if (kind === 'sound') this.#move(track, arrivedMs);
    return { timeMs: track.time.timeOf(timestamp) ?? placed.timeMs, hasJumped: placed.hasJumped };
  }

  report(kind: 'picture' | 'sound', { wallMs, timestamp }: SenderReport, arrivedMs: number): void {
    const track = kind === 'picture' ? this.#picture : this.#sound;
    const timeMs = track?.time.timeOf(timestamp) ?? null;
    if (track === null || timeMs === null || wallMs === 0) return;
    // The stamp belongs to another clock than that of the packets.
    if (Math.abs(timeMs - arrivedMs) > MOST_APART_MS) return;
    const before = track.wallMs;
    track.wallMs = wallMs - timeMs;
    track.isAgreed = before !== null && Math.abs(track.wallMs - before) <= AGREED_MS;
    this.#meetByReports();
  }

  #meetByReports(): void {
    const [picture, sound] = [this.#picture, this.#sound];
    if (!picture || !sound || picture.wallMs === null || sound.wallMs === null) return;
    const apartMs = sound.wallMs - picture.wallMs;
    const isPlausible = Math.abs(apartMs) <= PLAUSIBLE_MS;
    const isBelieved = isPlausible || (picture.isAgreed && sound.isAgreed && Math.abs(apartMs) <= MOST_APART_MS);
    this.#openMs = isBelieved && Math.abs(apartMs) > UNSEEN_MS ? apartMs : 0;
    if (!this.#isShown) this.#moveBy(sound, this.#openMs);
  }

  #meetByInfo(): void {
    const [picture, sound] = [this.#picture, this.#sound];
    if (!picture || !sound || picture.infoTimestamp === null || sound.infoTimestamp === null) return;
    const pictureMs = picture.time.timeOf(picture.infoTimestamp);
    const soundMs = sound.time.timeOf(sound.infoTimestamp);
    if (pictureMs === null || soundMs === null || Math.abs(pictureMs - soundMs) > INFO_APART_MS) return;
    this.#moveBy(sound, pictureMs - soundMs);
  }

  #move(sound: Track, arrivedMs: number): void {
    const passedMs = Math.max(0, arrivedMs - (this.#soundArrivedMs ?? arrivedMs));
    this.#soundArrivedMs = arrivedMs;
    const mostMs = passedMs * PACE;
    this.#moveBy(sound, Math.max(-mostMs, Math.min(mostMs, this.#openMs)));
  }

  #moveBy(sound: Track, ms: number): void {
    if (ms === 0) return;
    sound.time.shift(ms);
    if (sound.wallMs !== null) sound.wallMs -= ms;
    this.#openMs = Math.abs(this.#openMs) <= Math.abs(ms) ? 0 : this.#openMs - ms;
  }
}

function trackOf(clockRate: number): Track {
  return { time: new TrackTime(clockRate), infoTimestamp: null, wallMs: null, isAgreed: false };
}
