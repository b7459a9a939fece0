import { describe, expect, it } from 'vitest';
import { startStreamRig, target, told, Watcher } from '../../../test/support/relay/streamRig.js';
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
    caps.setCap(cap(2));
    expect([given, caps.hasQueue(cap(2))]).toEqual([[2], false]);
    caps.setCap(cap(1));
    caps.ask(cap(1), () => given.push(3));
    first.leave();
    expect([given, caps.hasQueue(cap(1))]).toEqual([[2], true]);
  });
});

describe('a capped camera', () => {
  const capped = { cap: cap(1) };

  it('is pulled as soon as another one of its group is left, and says meanwhile why it is not', async () => {
    const caps = new Caps();
    const [one, two] = [startStreamRig(caps), startStreamRig(caps)];
    one.stream.setCamera(told(target(1), capped));
    two.stream.setCamera(told(target(1), capped));
    const watcher = new Watcher(one.stream);
    new Watcher(two.stream);
    expect([one.pulls.length, two.pulls.length, two.stream.seen()?.reason]).toEqual([1, 0, 'over-cap']);
    expect(two.news.filter(({ kind }) => kind === 'over-cap')).toHaveLength(1);
    watcher.visit.leave();
    expect([two.running(), two.stream.seen()?.reason]).toEqual([[1], null]);
  });

  it('renews and is proven without another place', async () => {
    const caps = new Caps();
    const rig = startStreamRig(caps);
    rig.stream.setCamera(told(target(1), { ...capped, candidate: target(2) }));
    new Watcher(rig.stream);
    rig.last().setUp();
    rig.last().picture(true);
    const candidate = rig.stream.candidate(2);
    if (candidate) new Watcher(candidate);
    expect(rig.running()).toEqual([1, 2]);
    rig.stream.setCamera(told(target(2), capped));
    rig.last().setUp();
    rig.last().picture(true);
    await rig.clock.advance(130);
    rig.last().picture(false);
    expect([rig.stream.revision, rig.running()]).toEqual([2, [2]]);
  });

  it('that is away for long lets another one pass between its tries, and keeps its place over a short gap', async () => {
    const caps = new Caps();
    const [one, two] = [startStreamRig(caps), startStreamRig(caps)];
    for (const { stream } of [one, two]) stream.setCamera(told(target(1), capped));
    new Watcher(one.stream);
    one.last().setUp();
    one.last().picture(true);
    new Watcher(two.stream);
    one.last().end();
    await one.clock.advance(300);
    expect([one.pulls.length, two.pulls.length]).toEqual([2, 0]);
    await one.clock.advance(5_000);
    one.last().end();
    expect([two.running(), one.stream.seen()?.reason]).toEqual([[1], 'over-cap']);
  });

  it('gives its place back when its address ends', async () => {
    const caps = new Caps();
    const [one, two] = [startStreamRig(caps), startStreamRig(caps)];
    for (const { stream } of [one, two]) stream.setCamera(told(target(1), capped));
    new Watcher(one.stream);
    one.last().setUp();
    one.last().picture(true);
    new Watcher(two.stream);
    one.stream.setCamera(told(null, capped));
    expect(two.pulls).toEqual([]);
    one.last().end();
    expect(two.running()).toEqual([1]);
  });
});
