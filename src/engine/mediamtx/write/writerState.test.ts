import { describe, expect, it } from 'vitest';
import { pullPath, type PathConfigs } from '../paths/pathConfig.js';
import { afterEvent, inForce, lastInForce, NOTHING_KNOWN, type WriterEvent, type WriterState } from './writerState.js';

const paths = (...names: readonly string[]): PathConfigs =>
  new Map(names.map((name) => [name, pullPath(`rtmp://cloud.test/${name}`, 'watched')]));
const [OLD, NEW, FOREIGN] = [paths('a'), paths('a', 'b'), paths('garden')];

const known: WriterState = { ...NOTHING_KNOWN, ours: { kind: 'in-force', paths: OLD }, foreign: FOREIGN };
const inDoubt: WriterState = { ...known, ours: { kind: 'in-doubt', before: OLD } };

const STATES = { unknown: NOTHING_KNOWN, 'in-force': known, 'in-doubt': inDoubt } as const;
const EVENTS = {
  listed: { kind: 'listed', ours: NEW, foreign: FOREIGN, mark: null },
  'taken-over': { kind: 'taken-over', taken: FOREIGN, foreign: new Map() },
  marked: { kind: 'marked', mark: 'rtmpSource' },
  'write-begun': { kind: 'write-begun' },
  'confirmed-by-api': { kind: 'confirmed-by-api', ours: NEW },
  'confirmed-by-file': { kind: 'confirmed-by-file', ours: NEW, mark: 'rtmpSource' },
  'file-not-read': { kind: 'file-not-read' },
  edited: { kind: 'edited' },
  restarted: { kind: 'restarted' },
} as const satisfies { readonly [kind in WriterEvent['kind']]: Extract<WriterEvent, { kind: kind }> };

type Kind = WriterState['ours']['kind'];

/** What is known of our paths after each event, from each state. */
const TABLE: Record<WriterEvent['kind'], Record<Kind, Kind>> = {
  listed: { unknown: 'in-force', 'in-force': 'in-force', 'in-doubt': 'in-force' },
  'taken-over': { unknown: 'unknown', 'in-force': 'in-force', 'in-doubt': 'in-doubt' },
  marked: { unknown: 'unknown', 'in-force': 'in-force', 'in-doubt': 'in-doubt' },
  'write-begun': { unknown: 'unknown', 'in-force': 'in-doubt', 'in-doubt': 'in-doubt' },
  'confirmed-by-api': { unknown: 'in-force', 'in-force': 'in-force', 'in-doubt': 'in-force' },
  'confirmed-by-file': { unknown: 'in-force', 'in-force': 'in-force', 'in-doubt': 'in-force' },
  'file-not-read': { unknown: 'unknown', 'in-force': 'in-force', 'in-doubt': 'in-doubt' },
  edited: { unknown: 'unknown', 'in-force': 'unknown', 'in-doubt': 'unknown' },
  restarted: { unknown: 'unknown', 'in-force': 'unknown', 'in-doubt': 'unknown' },
};

const CASES = Object.values(EVENTS).flatMap((event) =>
  Object.values(STATES).map((from) => ({ event, from, to: TABLE[event.kind][from.ours.kind] })),
);

describe('what the writer knows of our paths', () => {
  it.each(CASES)('$from.ours.kind, after $event.kind: $to', ({ event, from, to }) => {
    expect(afterEvent(from, event).ours.kind).toBe(to);
  });

  it('during a write is what was in force before it', () => {
    const writing = afterEvent(known, { kind: 'write-begun' });
    expect([inForce(writing), lastInForce(writing)]).toEqual([null, OLD]);
    const written = afterEvent(writing, { kind: 'confirmed-by-api', ours: NEW });
    expect([inForce(written), lastInForce(written)]).toEqual([NEW, NEW]);
  });

  it('includes paths that were taken over, which are foreign no longer', () => {
    const next = afterEvent(known, EVENTS['taken-over']);
    expect([...(inForce(next)?.keys() ?? [])]).toEqual(['a', 'garden']);
    expect(next.foreign.size).toBe(0);
  });
});

describe('what the writer knows of the file', () => {
  it('is that MediaMTX reads it once one of its marks was confirmed, and nothing after a restart', () => {
    const read = afterEvent(known, EVENTS['confirmed-by-file']);
    expect([read.fileReach, afterEvent(read, EVENTS['file-not-read']).fileReach]).toEqual(['read', 'not-read']);
    expect(afterEvent(afterEvent(read, EVENTS['file-not-read']), EVENTS.edited).fileReach).toBe('not-read');
    expect(afterEvent(read, EVENTS.restarted)).toMatchObject({ fileReach: 'unknown', restarts: 1 });
  });

  it('is each mark that was written until one is confirmed or MediaMTX lists its own', () => {
    const twice = afterEvent(afterEvent(known, EVENTS.marked), { kind: 'marked', mark: 'webRTCSource' });
    expect([...twice.marks]).toEqual(['rtmpSource', 'webRTCSource']);
    expect([...afterEvent(twice, EVENTS['confirmed-by-file']).marks]).toEqual(['rtmpSource']);
    expect([...afterEvent(twice, EVENTS.listed).marks]).toEqual([]);
  });
});
