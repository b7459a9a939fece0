import { beforeAll, describe, expect, it } from 'vitest';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { loadAv, type Av } from '../av.js';
import { aacConfig } from '../formats/sound.js';
import { TICKS_PER_SECOND, type AudioConfig, type AudioUnit } from '../formats/units.js';
import { Turns } from '../turns.js';
import { StreamSound } from './streamSound.js';

/** 64 ms a frame. */
const FRAME_TICKS = (1024 * TICKS_PER_SECOND) / 16_000;
const VOICE = Buffer.from('voice');
const at = (seconds: number): number => Math.round(seconds * TICKS_PER_SECOND);
const config = (sampleRate: number): AudioConfig => {
  const found = aacConfig({ sampleRate, channels: 1 });
  if (!found) throw new Error('no such rate');
  return found;
};
const SPOKEN = config(16_000);

describe.skipIf(!nodeAvFor('the sound of a stream'))('the sound of a stream', () => {
  let av: Av;
  beforeAll(async () => {
    av = await loadAv();
  });

  /** A stream after two seconds of sound and pictures, when silence of that format is ready. */
  async function spoken() {
    const encodings = new Turns(1);
    const out: AudioUnit[] = [];
    const sound = new StreamSound({ av, encodings, push: (unit) => out.push(unit) });
    const speak = (seconds: number, frames: number): void => {
      expect(sound.admits(SPOKEN)).toBe(true);
      for (let frame = 0; frame < frames; frame++) {
        const dts = at(seconds) + Math.round(frame * FRAME_TICKS);
        sound.take({ kind: 'audio', config: SPOKEN, dts, data: VOICE });
      }
    };
    speak(0, 31);
    await encodings.run(async () => undefined);
    await expect.poll(() => sound.known).not.toBeNull();
    sound.fix(true);
    return { sound, out, speak };
  }
  /** No hole and no overlap of more than half a frame. */
  const isWhole = (out: readonly AudioUnit[]): boolean =>
    out.every((unit, index) => Math.abs(unit.dts - index * FRAME_TICKS) <= FRAME_TICKS / 2 + 1);
  const isSilent = ({ data }: AudioUnit): boolean => !data.equals(VOICE);

  it('goes on as silence where a source has none, and is the source’s own again without a hole', async () => {
    const { sound, out, speak } = await spoken();
    sound.sourceChanged();
    for (let seconds = 2; seconds < 10; seconds += 0.1) sound.pictureAt(at(seconds), seconds === 2);
    expect(out.at(-1)?.dts).toBeGreaterThan(at(9.5));
    sound.sourceChanged();
    sound.pictureAt(at(10), true);
    speak(10.01, 20);
    expect(isWhole(out)).toBe(true);
    expect(out.filter(isSilent).length).toBeGreaterThan(120);
    expect(out.slice(-15).some(isSilent)).toBe(false);
  });

  it('does not overlap where pictures and sound of a while ago come all at once', async () => {
    const { sound, out } = await spoken();
    for (let count = 0; count < 40; count++)
      sound.take({ kind: 'audio', config: SPOKEN, dts: at(2) + count * 90, data: VOICE });
    expect(isWhole(out)).toBe(true);
    expect(out.at(-1)?.dts).toBeLessThan(at(2.2));
  });

  it('is not spoken over: sound that comes a little after its pictures is waited for', async () => {
    const { sound, out, speak } = await spoken();
    for (let seconds = 2; seconds < 2.8; seconds += 0.1) sound.pictureAt(at(seconds), false);
    speak(1.984, 12);
    expect(out.some(isSilent)).toBe(false);
  });

  it('keeps its form: other sound is left out until nobody watches', async () => {
    const { sound } = await spoken();
    expect(sound.admits(config(8_000))).toBe(false);
    sound.fix(false);
    expect(sound.admits(config(8_000))).toBe(true);
    expect(sound.known).toEqual(config(8_000));
    const mute = new StreamSound({ av, encodings: new Turns(1), push: () => undefined });
    mute.fix(true);
    expect(mute.admits(SPOKEN)).toBe(false);
    expect(mute.known).toBeNull();
  });
});
