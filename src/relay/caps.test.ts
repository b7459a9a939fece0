import { describe, expect, it } from 'vitest';
import { Caps } from './caps.js';

const cap = (most: number, group = 'a'): { group: string; most: number } => ({ group, most });

describe('the caps of groups', () => {
  it('give places in the order in which they were asked for', () => {
    const caps = new Caps();
    const given: number[] = [];
    const places = [1, 2, 3].map((who) => caps.ask(cap(1), () => given.push(who)));
    expect(places.map(({ isGiven }) => isGiven)).toEqual([true, false, false]);
    places[0]?.leave();
    places[0]?.leave();
    expect(given).toEqual([2]);
    places[1]?.leave();
    expect([given, places[2]?.isGiven]).toEqual([[2, 3], true]);
  });

  it('let others pass where one stops waiting, and bound each group by itself', () => {
    const caps = new Caps();
    const given: number[] = [];
    const first = caps.ask(cap(1), () => undefined);
    const second = caps.ask(cap(1), () => given.push(2));
    caps.ask(cap(1), () => given.push(3));
    expect(caps.ask(cap(1, 'b'), () => undefined).isGiven).toBe(true);
    expect(caps.ask(null, () => undefined).isGiven).toBe(true);
    second.leave();
    first.leave();
    expect(given).toEqual([3]);
  });

  it('give at once where the bound rises, and take nothing away where it falls', () => {
    const caps = new Caps();
    const given: number[] = [];
    const first = caps.ask(cap(1), () => undefined);
    caps.ask(cap(1), () => given.push(2));
    caps.tell(cap(2));
    expect([given, caps.hasQueue(cap(2))]).toEqual([[2], false]);
    caps.tell(cap(1));
    caps.ask(cap(1), () => given.push(3));
    first.leave();
    expect([given, caps.hasQueue(cap(1))]).toEqual([[2], true]);
  });
});
