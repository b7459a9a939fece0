import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aCamera, aUrlCamera, T0 } from '../../../test/support/builders.js';
import type { Camera } from '../camera/camera.js';
import { NOTHING_ABOUT } from '../camera/cameraAbout.js';
import type { UrlCamera } from '../camera/cameraSource.js';
import { readEntry, type FeedRow } from './feedEntry.js';
import { feedCameraId, planFeed, type FeedPlan, type FeedWorld } from './planFeed.js';

const urlOf = (key: string): string => `rtsp://10.0.0.5/${encodeURIComponent(key)}`;
const row = (key: string, more: object = {}): FeedRow =>
  readEntry({ key, name: `Camera ${key}`, url: urlOf(key), ...more }, `entry ${key}`);

function stored(key: string, more: Partial<Omit<UrlCamera, 'source'>> = {}, url = urlOf(key)): UrlCamera {
  const feed = { name: 'city', key };
  const own = aUrlCamera({ id: feedCameraId(feed), name: `Camera ${key}`, feed, ...more });
  return { ...own, source: { ...own.source, url, login: null } };
}

const plan = (rows: readonly FeedRow[], cameras: readonly Camera[], more: Partial<FeedWorld> = {}): FeedPlan =>
  planFeed('city', rows, { cameras, deleted: [], isComplete: true, ...more });

describe('what a list changes', () => {
  it('creates what is new, with an id that only depends on the list and the key', () => {
    const { create } = plan([row('a')], []);
    expect(create).toMatchObject([{ place: 'entry a', entry: { key: 'a', settings: { name: 'Camera a' } } }]);
    expect(create[0]?.id).toMatch(/^[0-9a-f]{24}$/);
    expect(feedCameraId({ name: 'city', key: 'a' })).toBe(create[0]?.id);
    expect(feedCameraId({ name: 'cit', key: 'ya' })).not.toBe(create[0]?.id);
  });

  it('counts what is stored alike, and changes only what an entry names', () => {
    const camera = stored('a', { mode: 'always-on', labels: ['north'], enabled: false });
    expect(plan([row('a')], [camera])).toMatchObject({ create: [], change: [], missing: [], unchanged: 1 });
    expect(plan([row('a', { name: 'New', mode: 'direct', labels: [], enabled: true })], [camera]).change).toEqual([
      expect.objectContaining({
        ...{ id: camera.id, isElsewhere: false, isBack: false },
        change: { name: 'New', mode: 'direct', labels: [], enabled: true },
      }),
    ]);
  });

  it('takes a value once the list says another one, so that what a person changed stays until then', () => {
    const about = { location: 'Gate', city: 'Bath', coordinates: { lat: 51.4, lng: -2.4 }, attributes: { floor: '2' } };
    const said = { labels: ['a'], sound: 'off', mode: 'direct', ...about };
    const [first] = carriedOut(plan([row('a', said)], []), []);
    expect(first?.feed?.said).toMatchObject({ url: expect.stringMatching(/^[0-9a-f]{12}$/) as string });
    const byHand: Camera = {
      ...(first as UrlCamera),
      ...{ name: 'Mine', labels: ['b'], sound: 'on', mode: 'on-demand', enabled: false },
      about: { ...NOTHING_ABOUT, location: 'North', city: 'Wells' },
    };
    expect(plan([row('a', said)], [byHand])).toMatchObject({ change: [], remember: [], unchanged: 1 });
    const moved = { ...said, city: 'Wells', location: 'South', coordinates: { lat: 1, lng: 2 }, labels: ['c'] };
    const [change] = plan([row('a', { ...moved, enabled: true })], [byHand]).change;
    expect(change).toMatchObject({ isElsewhere: false, feed: { name: 'city', key: 'a' } });
    expect(change?.change).toEqual({
      ...{ labels: ['c'], enabled: true },
      about: { location: 'South', coordinates: { lat: 1, lng: 2 } },
    });
    // What the list says now is what the camera is already, so only that is kept in mind.
    const alike = { ...said, labels: ['b'] };
    const { change: none, remember, unchanged } = plan([row('a', alike)], [byHand]);
    expect({ none, unchanged }).toEqual({ none: [], unchanged: 1 });
    expect(remember[0]?.feed.said?.['labels']).not.toBe(first?.feed?.said?.['labels']);
    // An import is a person's own act.
    const imported = plan([row('a', said)], [byHand], { isComplete: false });
    expect(imported.change[0]?.change).toMatchObject({ name: 'Camera a', labels: ['a'], about });
    expect(imported.change[0]?.feed).toBeNull();
  });

  it('leaves an address alone that a person changed, until the list says another', () => {
    const [first] = carriedOut(plan([row('a')], []), []);
    const byHand = first as UrlCamera;
    const moved = { ...byHand, source: { ...byHand.source, url: 'rtsp://10.0.0.77/a' } };
    expect(plan([row('a')], [moved])).toMatchObject({ change: [], unchanged: 1 });
    expect(plan([row('a', { url: 'rtsp://10.0.0.78/a' })], [moved]).change).toMatchObject([{ isElsewhere: true }]);
    expect(plan([row('a', { user: 'admin', password: 'x' })], [moved]).change).toMatchObject([{ isElsewhere: true }]);
  });

  it('sees another address, and another login; a login that it does not name stays', () => {
    const camera = stored('a');
    const withLogin = { ...camera, source: { ...camera.source, login: { user: 'admin', password: 'x' } } };
    const elsewhere = (entry: object, of: Camera): boolean | undefined =>
      plan([row('a', entry)], [of]).change[0]?.isElsewhere;
    expect(elsewhere({ url: 'rtsp://10.0.0.6/a' }, camera)).toBe(true);
    expect(elsewhere({ user: 'admin', password: 'x' }, camera)).toBe(true);
    expect(elsewhere({ user: 'admin', password: 'x' }, withLogin)).toBeUndefined();
    expect(elsewhere({ url: 'rtsp://admin:x@10.0.0.5/a' }, withLogin)).toBeUndefined();
    expect(elsewhere({ url: 'rtsp://admin:y@10.0.0.5/a' }, withLogin)).toBe(true);
    expect(elsewhere({}, withLogin)).toBeUndefined();
  });

  it('marks what it does not name any more as missing, once, and brings it back with what changed', () => {
    const [a, b] = [stored('a'), stored('b')];
    expect(plan([row('a')], [a, b]).missing).toEqual([b.id]);
    const gone = stored('b', { status: 'missing', missingSince: T0 });
    expect(plan([row('a')], [a, gone]).missing).toEqual([]);
    expect(plan([row('a'), row('b', { name: 'B' })], [a, gone])).toMatchObject({
      create: [],
      change: [{ id: b.id, isBack: true, change: { name: 'B', status: 'active' } }],
    });
  });

  it("keeps the operator's disabled, and does not bring a deleted camera back", () => {
    const off = stored('b', { status: 'disabled' });
    expect(plan([row('a')], [stored('a'), off]).missing).toEqual([]);
    const deleted = [
      { name: 'city', key: 'b' },
      { name: 'file', key: 'a' },
    ];
    expect(plan([row('a'), row('b')], [], { deleted })).toMatchObject({
      create: [{ entry: { key: 'a' } }],
      deleted: 1,
    });
  });

  it('is changed by nothing when it is empty, or when no entry can be taken', () => {
    for (const rows of [[], [row('a', { url: 'no address' }), readEntry('x', 'entry 2')]])
      expect(plan(rows, [stored('b')])).toMatchObject({ create: [], change: [], missing: [], isEmpty: true });
  });

  it('refuses single entries, and leaves their cameras alone', () => {
    const cameras = [stored('a'), stored('b'), stored('c')];
    const rows = [
      row('a'),
      row('b', { url: 'javascript:alert(1)' }),
      { ...row('a'), place: 'entry 9' },
      row('c', { mode: 'x' }),
    ];
    const { refused, missing, change, create, unchanged } = plan(rows, cameras);
    expect({ missing, change, create, unchanged }).toEqual({ missing: [], change: [], create: [], unchanged: 1 });
    expect(refused.map(({ place, key }) => `${place} ${key}`).sort()).toEqual(['entry 9 a', 'entry b b', 'entry c c']);
    expect(refused.find(({ place }) => place === 'entry 9')?.message).toBe('has the key of entry a too');
  });

  it('calls nothing missing of a list that was never meant to be complete', () => {
    expect(plan([row('a')], [stored('b')], { isComplete: false })).toMatchObject({ create: [{}], missing: [] });
  });
});

/** Every key once at most; the number says which form of the camera an entry has. */
const entries = fc.uniqueArray(
  fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), fc.integer({ min: 0, max: 2 })),
  {
    selector: ([key]) => key,
  },
);
const FORMS = [{}, { name: 'Other', labels: ['x'] }, { url: 'rtsp://10.0.0.9/x' }];
const rowsOf = (list: ReadonlyArray<readonly [string, number]>): FeedRow[] =>
  list.map(([key, form]) => row(key, FORMS[form]));

/** The cameras after the plan, as the store carries it out. */
function carriedOut({ create, change, remember, missing }: FeedPlan, cameras: readonly Camera[]): Camera[] {
  const changes = new Map(change.map((one) => [one.id, one]));
  const remembered = new Map(remember.map(({ id, feed }) => [id, feed]));
  const after = cameras.map((camera): Camera => {
    const one = changes.get(camera.id);
    if (missing.includes(camera.id)) return { ...camera, status: 'missing' };
    if (one === undefined || camera.source.kind !== 'url')
      return remembered.has(camera.id) ? { ...camera, feed: remembered.get(camera.id) ?? null } : camera;
    const source = one.isElsewhere ? { ...camera.source, url: one.entry.url, login: null } : camera.source;
    const { name = camera.name, labels = camera.labels, status = camera.status } = one.change;
    return { ...camera, name, labels, status, source, feed: one.feed ?? camera.feed };
  });
  const made = create.map(({ entry: { key, settings, url }, feed }) => {
    const { about, ...plain } = settings;
    return stored(key, { ...plain, feed, about: { ...aCamera().about, ...about } }, url);
  });
  return [...after, ...made];
}

const others: Camera[] = [
  aCamera({ id: 'cloud', name: 'Cloud' }),
  aUrlCamera({ id: 'hand', name: 'By hand' }),
  stored('a', { id: 'theirs', feed: { name: 'file', key: 'a' } }),
];

describe('any sequence of answers of a list', () => {
  it('leaves exactly the cameras that it names, never loses one or its id, and settles', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(entries, fc.constant(null)), { maxLength: 6 }), (answers) => {
        let cameras: readonly Camera[] = others;
        for (const answer of answers) {
          const rows = answer === null ? [] : rowsOf(answer);
          const before = cameras;
          const planned = plan(rows, cameras);
          cameras = carriedOut(planned, cameras);
          const ids = cameras.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect(before.every(({ id }) => ids.includes(id))).toBe(true);
          for (const other of others) expect(cameras).toContain(other);
          if (rows.length === 0) {
            expect(cameras).toEqual(before);
            continue;
          }
          const active = cameras.filter(({ feed, status }) => feed?.name === 'city' && status === 'active');
          expect(active.map(({ feed }) => feed?.key).sort()).toEqual((answer ?? []).map(([key]) => key).sort());
          expect(plan(rows, cameras)).toMatchObject({
            create: [],
            change: [],
            missing: [],
            remember: [],
            unchanged: rows.length,
          });
        }
      }),
    );
  });

  it('is not told apart by the order of its entries', () => {
    fc.assert(
      fc.property(entries, entries, (first, second) => {
        const cameras = carriedOut(plan(rowsOf(first), []), []);
        const forward = plan(rowsOf(second), cameras);
        const backward = plan(rowsOf([...second].reverse()), cameras);
        const told = ({ create, change, missing }: FeedPlan): unknown =>
          [
            create.map(({ id }) => id),
            change.map(({ id, change: of, isElsewhere }) => JSON.stringify([id, of, isElsewhere])),
            missing,
          ].map((list) => [...list].sort());
        expect(told(backward)).toEqual(told(forward));
      }),
    );
  });
});
