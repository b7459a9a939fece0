import { describe, expect, it } from 'vitest';
import type { CameraLook } from './cameraLook.js';
import { step, undecided, type CameraWatch, type Span, type SpanKind, type Step } from './cameraWatch.js';

type Told = Pick<CameraLook, 'kind'> & Partial<{ movedMs: number; bytes: number; reason: string; revision: number }>;

const outside: Told = { kind: 'outside' };
const unknown: Told = { kind: 'unknown' };
const starting: Told = { kind: 'starting' };
const moving = (movedMs: number, bytes: number): Told => ({ kind: 'moving', movedMs, bytes });
const dark = (reason = 'NOTHING_COMES'): Told => ({ kind: 'dark', reason });

/** Steps through checks at these times (ms), from the start. */
function looks(...told: ReadonlyArray<readonly [number, Told]>): {
  readonly watch: CameraWatch | null;
  readonly ms: Partial<Record<SpanKind, number>>;
  readonly spans: readonly Span[];
  readonly outages: Step['outages'];
} {
  let watch: CameraWatch | null = null;
  const spans: Span[] = [];
  const outages: Step['outages'][number][] = [];
  for (const [atMs, look] of told) {
    const next = step(watch, lookOf(look), atMs, null, look.revision ?? null);
    watch = next.watch;
    spans.push(...next.spans.filter(({ fromMs, toMs }) => toMs > fromMs));
    outages.push(...next.outages);
  }
  const ms: Partial<Record<SpanKind, number>> = {};
  for (const { kind, fromMs, toMs } of spans) ms[kind] = (ms[kind] ?? 0) + toMs - fromMs;
  return { watch, ms, spans, outages };
}

function lookOf({ kind, movedMs = 0, bytes = 0, reason = '' }: Told): CameraLook {
  if (kind === 'moving') return { kind, movedMs, bytes };
  if (kind === 'dark') return { kind, reason, message: `${reason}.`, since: null };
  return { kind };
}

describe('a camera that is watched', () => {
  it('works for as long as its bytes move, however far apart the looks are', () => {
    const { ms, outages } = looks([0, moving(0, 1)], [5_000, moving(5_000, 2)], [25_000, moving(25_000, 3)]);
    expect(ms).toEqual({ up: 25_000 });
    expect(outages).toEqual([]);
  });

  it('counts for nothing while nobody pulls it', () => {
    const { ms, watch } = looks([0, moving(0, 1)], [1_000, moving(1_000, 2)], [2_000, outside], [60_000, outside]);
    expect(ms).toEqual({ up: 2_000 });
    expect(watch).toBeNull();
  });

  it('has an outage from the last movement on, once it stood still for 1.5 s, until half a second after its bytes', () => {
    const { ms, outages } = looks(
      ...([
        [0, moving(0, 1)],
        [1_000, moving(1_000, 2)],
        [2_000, moving(1_000, 2)],
        [3_000, moving(1_000, 2)],
        [4_000, moving(1_000, 2)],
        [7_000, dark()],
        [8_000, moving(7_900, 9)],
        [9_000, moving(9_000, 10)],
      ] as const),
    );
    expect(outages).toEqual([
      { beganMs: 1_000, reason: 'NOTHING_COMES', message: expect.any(String) as string, endedMs: null },
      { beganMs: 1_000, reason: 'NOTHING_COMES', message: expect.any(String) as string, endedMs: 7_950 },
    ]);
    expect(ms).toEqual({ up: 1_000 + 1_050, down: 6_950 });
  });

  it('has none for the freeze of a handover', () => {
    const { ms, outages } = looks(
      ...([
        [0, moving(0, 1)],
        [1_000, moving(0, 1)],
        [1_400, moving(1_400, 5)],
      ] as const),
    );
    expect(outages).toEqual([]);
    expect(ms).toEqual({ up: 1_400 });
  });

  it('has none while the media server goes from one lease to another, however long that move takes to show a picture', () => {
    const old = { revision: 1 };
    const next = { revision: 2 };
    const swap = looks(
      ...([
        [0, { ...moving(0, 1), ...old }],
        [1_000, { ...moving(1_000, 2), ...old }],
        [2_000, { ...moving(1_000, 2), ...next }],
        [4_000, { ...starting, ...next }],
        [7_000, { ...moving(7_000, 1), ...next }],
        [8_000, { ...moving(8_000, 2), ...next }],
      ] as const),
    );
    expect([swap.outages, swap.ms]).toEqual([[], { up: 2_000 }]);
    const never = looks(
      ...([
        [0, { ...moving(0, 1), ...old }],
        [1_000, { ...starting, ...next }],
        [14_000, { ...starting, ...next }],
        [16_000, { ...starting, ...next }],
      ] as const),
    );
    expect(never.outages).toMatchObject([{ beganMs: 0, endedMs: null }]);
    const later = looks(
      ...([
        [0, { ...moving(0, 1), ...old }],
        [1_000, { ...moving(1_000, 2), ...next }],
        [20_000, { ...moving(20_000, 3), ...next }],
        [22_000, { ...moving(20_000, 3), ...next }],
      ] as const),
    );
    expect(later.outages).toMatchObject([{ beganMs: 20_000, endedMs: null }]);
  });

  it('was dark while the media server was away, when it counts anew afterwards', () => {
    const { ms, outages } = looks(
      ...([
        [0, moving(0, 100)],
        [1_000, moving(1_000, 200)],
        [2_000, unknown],
        [4_000, unknown],
        [6_000, moving(6_000, 10)],
      ] as const),
    );
    expect(outages).toEqual([
      { beganMs: 1_500, endedMs: 5_500, reason: 'ENGINE_UNREACHABLE', message: 'The media server did not answer.' },
    ]);
    expect(ms).toEqual({ up: 2_000, down: 4_000 });
  });

  it('worked all along when only the answers were away, and its bytes went on', () => {
    const { ms, outages } = looks([0, moving(0, 100)], [1_000, unknown], [20_000, moving(20_000, 900)]);
    expect(outages).toEqual([]);
    expect(ms).toEqual({ up: 20_000 });
  });

  it('is not said to work or not while the media server does not answer', () => {
    const { watch, ms } = looks([0, moving(0, 100)], [1_000, moving(1_000, 200)], [2_000, unknown], [9_000, unknown]);
    expect(ms).toEqual({ up: 1_000 });
    expect(watch && undecided(watch, 9_000)).toEqual({ kind: 'unknown', fromMs: 1_000, toMs: 9_000 });
  });

  it('has an outage that goes on through an answer that is missing', () => {
    const { outages, ms } = looks(
      ...([
        [0, moving(0, 100)],
        [4_000, dark()],
        [5_000, unknown],
        [9_000, dark()],
        [10_000, moving(10_000, 5)],
      ] as const),
    );
    expect(outages.map(({ endedMs }) => endedMs)).toEqual([null, 10_000]);
    expect(ms).toEqual({ down: 10_000 });
  });

  it('may take its time to start, and then it should have come', () => {
    const soon = looks([0, starting], [9_000, moving(9_000, 1)], [10_000, moving(10_000, 2)]);
    expect([soon.ms, soon.outages]).toEqual([{ up: 1_000 }, []]);
    const never = looks([0, starting], [10_000, starting], [16_000, starting]);
    expect(never.outages).toMatchObject([{ beganMs: 0, endedMs: null }]);
    expect(never.ms).toEqual({ down: 16_000 });
  });

  it('that its cloud calls offline is away, not down', () => {
    const { ms, outages } = looks([0, dark('CAMERA_OFFLINE')], [4_000, dark('CAMERA_OFFLINE')], [5_000, outside]);
    expect(ms).toEqual({ away: 5_000 });
    expect(outages.at(-1)).toMatchObject({ reason: 'CAMERA_OFFLINE', beganMs: 0, endedMs: 5_000 });
  });

  it('is unknown over a time in which nobody looked', () => {
    const { ms } = looks([0, moving(0, 1)], [1_000, moving(1_000, 2)], [3_601_000, moving(3_601_000, 3)]);
    expect(ms).toEqual({ up: 1_000, unknown: 3_600_000 });
  });
});
