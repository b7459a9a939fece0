import { expect, it } from 'vitest';
import { NewPictures } from './newPictures.js';

it('tells pictures of a camera from stand-ins, which repeat its last key frame, its last picture or a slate', () => {
  const news = new NewPictures();
  const look = (text: string): boolean => news.isNew(Buffer.from(text), text.startsWith('K'));
  expect(look('K1')).toBe(true);
  expect(news.moves).toBe(false);
  expect(['K1', 'K1'].map(look)).toEqual([false, false]);
  expect(news.moves).toBe(false);
  expect(['p1', 'p1', 'p2', 'K1', 'K1', 'p3', 'K2', 'p4'].map(look)).toEqual([
    ...[true, false, true, false, false, true, true, true],
  ]);
  expect(news.moves).toBe(true);
  expect(['K slate', 'K slate', 'K slate'].map(look)).toEqual([true, false, false]);
});
