import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { CameraError } from '../../core/errors.js';
import { AccountStates } from './accountStates.js';

const MINUTE = 60_000;
const unreachable = new CameraError('CLOUD_UNREACHABLE', 'retry', 'The cloud could not be reached.', { cure: 'Wait.' });

function statesOf(): { readonly states: AccountStates; readonly clock: TurnedClock; readonly news: string[] } {
  const clock = new TurnedClock(new Date('2026-03-01T12:00:00Z'));
  const cloud = new FakeCloud(clock, 'hikvision', []);
  const states = new AccountStates(new Map([['hikvision', { cloud, streamBudget: 3 }]]), clock, () => 0.5);
  const news: string[] = [];
  states.onBack((account, what) => news.push(`${account} ${what}`));
  return { states, clock, news };
}

function failThrice(states: AccountStates): void {
  for (let times = 0; times < 3; times++) states.failedOnTheWay('hikvision', unreachable);
}

describe('an account whose cloud answers', () => {
  it('is news to a process that has just started: it may have died while the cloud was away', () => {
    const { states, news } = statesOf();
    states.succeeded('hikvision');
    states.succeeded('hikvision');
    expect(news).toEqual(['hikvision reachable']);
  });

  it('soon after it was news is so again a little later, and not never', async () => {
    const { states, clock, news } = statesOf();
    states.succeeded('hikvision');
    failThrice(states);
    await clock.advance(MINUTE);
    states.succeeded('hikvision');
    expect(news).toHaveLength(1);
    await clock.advance(5 * MINUTE);
    states.succeeded('hikvision');
    states.succeeded('hikvision');
    expect(news).toEqual(['hikvision reachable', 'hikvision reachable']);
  });
});

describe('a login that is not accepted for some cameras alone', () => {
  it('is an answer of the cloud, however often it comes', () => {
    const { states } = statesOf();
    states.succeeded('hikvision');
    const refused = new CameraError('CLOUD_LOGIN_EXPIRED', 'retry', 'The cloud refuses this camera alone.', {
      cure: 'Look.',
    });
    for (let times = 0; times < 3; times++) states.failedOnTheWay('hikvision', refused);
    expect(states.all()).toMatchObject([{ refused: null, away: null }]);
    failThrice(states);
    expect(states.all()).toMatchObject([{ away: { isLasting: true } }]);
  });
});
