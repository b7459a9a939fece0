import { describe, expect, it } from 'vitest';
import { TranscodeCounts } from '../parent/transcodeCounts.js';
import { TranscodePlaces } from './transcodePlaces.js';

/** Two workers and their parent, which answers at once. */
function start(most: number): TranscodePlaces[] {
  const counts = new TranscodeCounts<number>(most);
  const workers = [0, 1].map((worker): TranscodePlaces => {
    const places: TranscodePlaces = new TranscodePlaces(({ kind, id }) => {
      queueMicrotask(() => {
        if (kind === 'transcode-over') counts.leave(worker, id);
        else places.answer(id, counts.take(worker, id));
      });
    });
    return places;
  });
  return workers;
}

async function ask(places: TranscodePlaces | undefined): Promise<{ isGiven: boolean; leave: () => void }> {
  return new Promise((resolve) => {
    const place = places?.ask((isGiven) => resolve({ isGiven, leave: () => place?.leave() }));
  });
}

describe('the places for transcodes', () => {
  it('are shared by all workers, and free again when they are left', async () => {
    const [one, two] = start(2);
    const places = [await ask(one), await ask(two), await ask(one), await ask(two)];
    expect(places.map(({ isGiven }) => isGiven)).toEqual([true, true, false, false]);
    places[0]?.leave();
    places[0]?.leave();
    places[2]?.leave();
    expect([(await ask(two)).isGiven, (await ask(one)).isGiven]).toEqual([true, false]);
  });

  it('that were asked for and left before the answer are not taken', async () => {
    const [one, two] = start(1);
    let answers = 0;
    one?.ask(() => (answers += 1)).leave();
    expect([(await ask(two)).isGiven, answers]).toEqual([true, 0]);
  });

  it('are those that were taken once the parent has ended', async () => {
    const [one] = start(5);
    const place = await ask(one);
    one?.goOnAlone();
    expect((await ask(one)).isGiven).toBe(false);
    place.leave();
    expect([(await ask(one)).isGiven, (await ask(one)).isGiven]).toEqual([true, false]);
  });
});
