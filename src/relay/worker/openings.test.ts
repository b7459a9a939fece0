import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { HandPull, target } from '../../../test/support/relay/streamRig.js';
import { openingError } from '../../core/health/openingError.js';
import { PullSource } from '../pull/pullSource.js';
import type { Outcome } from '../wire/opening.js';
import { Openings } from './openings.js';

/** Of 640 x 360. */
const READABLE = '67640016acb405017fcb8088000003000800000300f478b175';

function begin(): { readonly clock: TurnedClock; readonly pull: HandPull; readonly outcomes: Outcome[] } {
  const clock = new TurnedClock();
  const pulls: HandPull[] = [];
  const outcomes: Outcome[] = [];
  const openings = new Openings({
    clock,
    pullOf: (aim) => {
      const pull = (to: typeof aim, handlers: ConstructorParameters<typeof HandPull>[1]): { stop(): void } => {
        const made = new HandPull(to, handlers);
        pulls.push(made);
        return { stop: () => (made.isStopped = true) };
      };
      return { source: new PullSource(aim, pull, clock), lastKey: null };
    },
    onOutcome: (_id, outcome) => outcomes.push(outcome),
  });
  openings.begin(1, target(1, { givenBy: 'person' }));
  const [pull] = pulls;
  if (!pull) throw new Error('nothing is pulled');
  return { clock, pull, outcomes };
}

describe('an opening', () => {
  it('waits half a second for sound behind the first key frame, and lets the pull go', async () => {
    const { clock, pull, outcomes } = begin();
    pull.setUp('h264', READABLE);
    pull.picture(true);
    await clock.advance(499);
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    expect(outcomes).toMatchObject([{ tracks: { video: { codec: 'H264', width: 640, height: 360 }, audio: null } }]);
    expect(pull.isStopped).toBe(true);
  });

  it('names a description of pictures that cannot be read as that, and not as a missing key frame', async () => {
    const { clock, pull, outcomes } = begin();
    pull.setUp('h264', '67640016');
    pull.picture(true);
    await clock.advance(500);
    const [outcome] = outcomes;
    if (outcome === undefined || !('reason' in outcome)) throw new Error('it opened');
    expect(outcome).toEqual({ reason: 'protocol', code: 'SPS' });
    expect(openingError(outcome).message).toContain('(SPS)');
  });

  const setUp = (pull: HandPull): void => pull.setUp('h264', READABLE);
  const picture = (pull: HandPull): void => pull.picture(false);
  it.each([
    ['silence', []],
    ['not-a-stream', [picture]],
    ['no-key-frame', [setUp, picture]],
  ] as const)('that gets no key frame within 10 s says %s', async (reason, sends) => {
    const { clock, pull, outcomes } = begin();
    for (const send of sends) send(pull);
    await clock.advance(10_000);
    expect([outcomes, pull.isStopped]).toEqual([[{ reason, code: null }], true]);
  });
});
