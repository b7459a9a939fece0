import { expect, test } from 'vitest';
import type { RelayedCamera } from '../../../core/streams/relay.js';
import type { StreamState } from '../../mediaEngine.js';
import { relayedState, type RelayedFacts, type SeenByRelay } from './relayedState.js';

const LIVE: RelayedCamera = {
  ...{ state: 'live', revision: 3, readers: 1, bytesReceived: 5_000, quietMs: 40, reason: null, protocolFailures: 0 },
};
const facts: RelayedFacts = { cameraId: 'gate', inForce: 3, viewers: 0, nowMs: 10_000, isServed: true, unread: 'idle' };

const stateOf = (
  states: SeenByRelay['states'],
  more: Partial<RelayedFacts> = {},
  told: number | null = 3,
): StreamState => relayedState({ states, revisionOf: () => told, isBeside: () => false }, { ...facts, ...more });
const read = (more: Partial<RelayedCamera>): SeenByRelay['states'] => new Map([['gate', { ...LIVE, ...more }]]);

test.each<[string, SeenByRelay['states'], StreamState['flow']]>([
  ['nobody reads it', new Map(), 'idle'],
  ['no picture has come yet', read({ state: 'opening', revision: null, quietMs: null }), 'starting'],
  ['bytes came, and no picture yet', read({ state: 'opening', revision: null, quietMs: 20 }), 'starting'],
  ['pictures go out', read({}), 'flowing'],
  ['its pull has been quiet for five seconds', read({ quietMs: 5_000 }), 'flowing'],
  ['its pull has been quiet for longer', read({ quietMs: 5_001 }), 'stopped'],
  ['a slow source is not later than usual', read({ quietMs: 29_000, slowStepMs: 10_000 }), 'flowing'],
  ['a slow source is later than three times its usual step', read({ quietMs: 30_001, slowStepMs: 10_000 }), 'stopped'],
  [
    'a source that is as slow as can be has been quiet for a minute',
    read({ quietMs: 60_001, slowStepMs: 50_000 }),
    'stopped',
  ],
  ['its pull brought nothing at all', read({ quietMs: null }), 'stopped'],
  ['a stand-in goes out', read({ state: 'bridging', revision: null, quietMs: 900, reason: 'ended' }), 'stopped'],
  ['no picture came in time', read({ state: 'dark', revision: null, readers: 0, quietMs: null }), 'stopped'],
  ['the relay cannot be asked', null, 'unknown'],
])('where %s', (_, states, flow) => {
  expect(stateOf(states).flow).toBe(flow);
});

test('a camera that nobody reads is not known to be idle while MediaMTX does not answer, and one that plays plays', () => {
  expect(stateOf(new Map(), { isServed: false }).flow).toBe('unknown');
  expect(stateOf(read({}), { isServed: false }).flow).toBe('flowing');
});

test('a camera that MediaMTX keeps open is not idle when nobody reads it, and plays when somebody does', () => {
  expect(stateOf(new Map(), { unread: 'stopped' }).flow).toBe('stopped');
  expect(stateOf(new Map(), { unread: 'stopped', isServed: false }).flow).toBe('unknown');
  expect(stateOf(read({}), { unread: 'stopped' }).flow).toBe('flowing');
});

test('nor is one that people watch, since a worker that lost its parent serves its readers to the end', () => {
  expect(stateOf(new Map(), { viewers: 1 }).flow).toBe('unknown');
});

test('bytes, their moment and the reason are those of the pull', () => {
  expect(stateOf(read({ reason: 'silence' }))).toEqual({
    ...{ revision: 3, flow: 'flowing', carrier: 'relay', reason: 'silence', bytesReceived: 5_000 },
    ...{ movedMs: 9_960, viewers: 0 },
  });
  expect(stateOf(new Map())).toEqual({
    ...{ revision: 3, flow: 'idle', carrier: 'relay', bytesReceived: 0, viewers: 0 },
  });
});

test('whether something stands in is known of a picture that does not come', () => {
  const of = (more: Partial<RelayedCamera>): boolean | undefined => stateOf(read(more)).standsIn;
  const [opening, live, still, bridging, dark] = [
    of({ state: 'opening', quietMs: null }),
    of({}),
    of({ quietMs: 5_001 }),
    of({ state: 'bridging', quietMs: 900 }),
    of({ state: 'dark', quietMs: null }),
  ];
  expect({ opening, live, still, bridging, dark }).toEqual({
    ...{ opening: undefined, live: undefined },
    ...{ still: true, bridging: true, dark: false },
  });
});

test('the lease is the one that the relay was told, though its pictures are still of the one before', () => {
  expect(stateOf(read({ revision: 2 }), {}, 3).revision).toBe(3);
  // A replica on standby told the relay nothing.
  expect(stateOf(read({ revision: 2 }), {}, null).revision).toBe(2);
  expect(stateOf(new Map(), {}, null).revision).toBe(3);
});
