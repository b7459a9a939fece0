import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.js';
import type { RelayCamera, RelayCameras } from '../../core/streams/relay.js';
import type { Ask } from './controlClient.js';
import { Telling } from './telling.js';

interface Told {
  readonly since: { readonly change: number } | null;
  readonly ids: readonly string[];
  readonly limitMs: number;
}

const camera = (revision: number): RelayCamera => ({
  target: { url: `rtmp://127.0.0.1:1/v3/openlive/${revision}`, givenBy: 'cloud', revision, endsAt: null, tracks: null },
  ...{ candidate: null, whenGone: 'slate', cap: null },
});

function fleet(size: number, revision: number): RelayCameras {
  return new Map(Array.from({ length: size }, (_, at) => [`camera-${at}`, camera(revision)]));
}

/** `refuses`: the numbers of the requests that the relay refuses. */
function telling(read: readonly string[], refuses: readonly number[] = []): { telling: Telling; told: Told[] } {
  const told: Told[] = [];
  let change = 0;
  const ask = <T>({ body, limitMs, schema }: Ask<T>): Promise<T> => {
    const { since, cameras } = body as { since: Told['since']; cameras: object };
    told.push({ since, ids: Object.keys(cameras), limitMs });
    if (refuses.includes(told.length)) return Promise.reject(new AppError('RELAY_UNREACHABLE', 'It does not answer.'));
    change += 1;
    return Promise.resolve(schema.parse({ run: 'first', change }));
  };
  return {
    told,
    telling: new Telling({ control: { ask }, isAlone: true, read: () => Promise.resolve(new Set(read)) }),
  };
}

describe('what a relay is told', () => {
  it('goes in batches after the first time, what is watched first, each after the one before', async () => {
    const { telling: relay, told } = telling(['camera-2499', 'camera-7', 'camera-of-others']);
    await relay.setCameras(fleet(2_500, 1), 0);
    await relay.setCameras(fleet(2_500, 2), 0);
    expect(told.map(({ since, ids }) => [since?.change ?? null, ids.length])).toEqual([
      [null, 2_500],
      [1, 2],
      [2, 1_000],
      [3, 1_000],
      [4, 498],
    ]);
    expect(told[1]?.ids).toEqual(['camera-7', 'camera-2499']);
    expect(new Set(told.slice(1).flatMap(({ ids }) => ids)).size).toBe(2_500);
    await relay.setCameras(fleet(2_500, 2), 0);
    expect(told).toHaveLength(5);
  });

  it('may take longer the more it is, so that a slow machine gets through', async () => {
    const { telling: relay, told } = telling([]);
    await relay.setCameras(fleet(1, 1), 0);
    await relay.setCameras(fleet(10_000, 1), 0);
    expect(told[0]?.limitMs).toBeLessThan(16_000);
    relay.forget();
    await relay.setCameras(fleet(10_000, 2), 0);
    expect(told.at(-1)).toMatchObject({ since: null, limitMs: 65_000 });
  });

  it('is everything again after a batch that nobody answered', async () => {
    const { telling: relay, told } = telling(['camera-3'], [3]);
    await relay.setCameras(fleet(1_500, 1), 0);
    await expect(relay.setCameras(fleet(1_500, 2), 0)).rejects.toMatchObject({ code: 'RELAY_UNREACHABLE' });
    await relay.setCameras(fleet(1_500, 2), 0);
    expect(told.map(({ since, ids }) => [since?.change ?? null, ids.length])).toEqual([
      [null, 1_500],
      [1, 1],
      [2, 1_000],
      [null, 1_500],
    ]);
  });
});
