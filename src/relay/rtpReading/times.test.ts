import { describe, expect, it } from 'vitest';
import { formatWith, MediaWatch, reportWith } from '../../../test/support/relay/rtpTrackMaker.js';

const SETS = { 'sprop-parameter-sets': 'Z0LAHpWg,aM44gA==' };
const VIDEO = formatWith({ parameters: SETS });
const AUDIO = formatWith({ media: 'audio', payloadType: 0, encoding: 'PCMU', clockRate: 8_000 });
const KEY = Buffer.from('6588111111', 'hex');
const SOUND = Buffer.alloc(160, 0xff);

/** A camera whose tracks have their own zeros; `now` is the time of what it sends, in ms. */
class Camera {
  readonly watch = new MediaWatch([VIDEO, AUDIO]);
  /** Added to the time stamps of the tracks. */
  pictureZero = 4_294_000_000;
  soundZero = 77_000;
  /** By how much the sound arrives later than it was recorded. */
  soundLateMs = 0;
  nowMs = 0;
  #isBegun = false;

  /** `ms` of pictures and sound: a picture each 40 ms, sound each 20 ms. */
  flow(ms: number): void {
    if (!this.#isBegun) this.watch.media.begin([null, null]);
    this.#isBegun = true;
    for (const end = this.nowMs + ms; this.nowMs < end; this.nowMs += 20) {
      if (this.nowMs % 40 === 0)
        this.watch.send(0, KEY, { timestamp: this.pictureZero + this.nowMs * 90, isMarked: true, atMs: this.nowMs });
      const recordedMs = this.nowMs - this.soundLateMs;
      this.watch.send(1, SOUND, { payloadType: 0, timestamp: this.soundZero + recordedMs * 8, atMs: this.nowMs });
    }
  }

  /** Sender reports of both tracks. `wallMs`: the wall clock of each at time 0. */
  report(pictureWallMs: number, soundWallMs = pictureWallMs): void {
    const at = this.nowMs - 20;
    this.watch.media.rtcp(0, reportWith(pictureWallMs + at, this.pictureZero + at * 90), at);
    this.watch.media.rtcp(1, reportWith(soundWallMs + at, this.soundZero + at * 8), at);
  }

  /** By how much the latest sound is later than it should be beside the pictures, in ms. */
  get apartMs(): number {
    const picture = this.watch.of('picture').at(-1);
    const sound = this.watch.of('sound').at(-1);
    if (!picture || !sound) throw new Error('nothing came');
    const pictureMs = picture.decodeMs + picture.offsetMs;
    const sentPictureMs = Math.floor((this.nowMs - 20) / 40) * 40;
    return Math.round(sound.timeMs - pictureMs - (this.nowMs - 20 - this.soundLateMs - sentPictureMs));
  }

  /** The longest step between two pictures, and between two pieces of sound. */
  get widestMs(): readonly [number, number] {
    const widest = (times: readonly number[]): number =>
      Math.round(Math.max(...times.slice(1).map((ms, at) => Math.abs(ms - (times[at] ?? ms)))));
    return [
      widest(this.watch.of('picture').map(({ decodeMs }) => decodeMs)),
      widest(this.watch.of('sound').map(({ timeMs }) => timeMs)),
    ];
  }
}

const WALL = 3_900_000_000_000;

describe('sound and picture', () => {
  it('with zeros of their own meet by the arrival of their first packets', () => {
    const camera = new Camera();
    camera.flow(2_000);
    expect(camera.apartMs).toBe(0);
    expect(camera.watch.of('sound')[0]?.timeMs).toBe(0);
  });

  it('meet by sender reports, slowly and without a jump', () => {
    const camera = new Camera();
    camera.soundLateMs = 300;
    camera.flow(1_000);
    expect(camera.apartMs).toBe(300);
    camera.report(WALL);
    camera.flow(5_000);
    expect(camera.apartMs).toBeGreaterThan(150);
    camera.report(WALL);
    camera.flow(15_000);
    expect(camera.apartMs).toBe(0);
    expect(camera.widestMs[1]).toBeLessThanOrEqual(21);
  });

  it('stay where they are after a sender report that is far off, up to a second one that agrees with it', () => {
    const camera = new Camera();
    camera.soundLateMs = 1_200;
    camera.flow(1_000);
    camera.report(WALL, WALL + 3_000_000);
    camera.flow(5_000);
    expect(camera.apartMs).toBe(1_200);
    camera.report(WALL);
    camera.flow(5_000);
    expect(camera.apartMs).toBe(1_200);
    camera.report(WALL);
    camera.flow(70_000);
    expect(camera.apartMs).toBe(0);
  });

  it('never follow reports of clocks that have nothing to do with each other, or of none', () => {
    const camera = new Camera();
    camera.flow(1_000);
    for (let at = 0; at < 5; at++) {
      camera.report(WALL, WALL - 50_000);
      camera.flow(2_000);
    }
    camera.watch.media.rtcp(0, reportWith(0, 1), camera.nowMs);
    camera.watch.media.rtcp(1, reportWith(0, 99_999_999), camera.nowMs);
    camera.flow(2_000);
    expect([camera.apartMs, ...camera.widestMs]).toEqual([0, 40, 20]);
  });

  it('meet by RTP-Info where it is near, and not where it is 0', () => {
    const timesOf = (pictureTime: number, soundTime: number): number | undefined => {
      const watch = new MediaWatch([VIDEO, AUDIO]);
      watch.media.begin([
        { sequence: 1, rtpTime: pictureTime },
        { sequence: 1, rtpTime: soundTime },
      ]);
      watch.send(0, KEY, { timestamp: 900_000, isMarked: true, atMs: 1_000 });
      // The first picture is out as soon as the second one has begun.
      watch.send(0, KEY, { timestamp: 903_600, isMarked: true, atMs: 1_040 });
      watch.send(1, SOUND, { payloadType: 0, timestamp: 160_000, atMs: 1_400 });
      return watch.of('sound')[0]?.timeMs;
    };
    // Both tracks begin at their stamps of RTP-Info; the sound's first packet came late.
    expect(timesOf(900_000, 160_000)).toBe(1_000);
    expect(timesOf(0, 0)).toBe(1_400);
    expect(timesOf(900_000, 0)).toBe(1_400);
  });
});

describe('time stamps', () => {
  it('go on over the wrap of 32 bits', () => {
    const camera = new Camera();
    camera.pictureZero = 2 ** 32 - 90_000;
    camera.soundZero = 2 ** 32 - 4_000;
    camera.flow(3_000);
    expect([camera.apartMs, ...camera.widestMs]).toEqual([0, 40, 20]);
  });

  it.each([
    ['restart at 0', 0, 0],
    ['jump ahead by hours', 4_294_000_000 + 3 * 3_600 * 90_000, 77_000 + 3 * 3_600 * 8_000],
    ['jump back by ten seconds', 4_294_000_000 - 900_000, 77_000 - 80_000],
  ])('that %s go on by the time that passed', (_, pictureZero, soundZero) => {
    const camera = new Camera();
    camera.flow(2_000);
    camera.pictureZero = pictureZero;
    camera.soundZero = soundZero;
    camera.flow(2_000);
    expect([camera.apartMs, ...camera.widestMs]).toEqual([0, 40, 20]);
  });

  it('that jump make earlier sender reports void', () => {
    const camera = new Camera();
    camera.flow(1_000);
    camera.report(WALL);
    camera.flow(1_000);
    camera.soundZero += 8_000_000;
    camera.flow(1_000);
    camera.report(WALL);
    camera.flow(5_000);
    expect([camera.apartMs, ...camera.widestMs]).toEqual([0, 40, 20]);
  });

  it('behind a pause are as late as the pause was long', () => {
    const camera = new Camera();
    camera.flow(1_000);
    camera.nowMs += 8_000;
    camera.flow(1_000);
    expect([camera.apartMs, ...camera.widestMs]).toEqual([0, 8_040, 8_020]);
  });
});
