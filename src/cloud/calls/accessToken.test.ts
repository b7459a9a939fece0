import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { CameraError } from '../../core/errors.js';
import { ownError } from '../replies/errorTable.js';
import { AccessTokens, type AccessToken } from './accessToken.js';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

function deadToken(): CameraError {
  return new CameraError('10002', 'reauth', 'expired', { cure: 'log in' });
}

/** Logs in with tokens named 1, 2, 3 …; logins fail while `trouble` is set. */
function harness(lifeMs = WEEK_MS) {
  const clock = new TurnedClock();
  const state = { logins: 0, trouble: null as Error | null };
  const tokens = new AccessTokens(clock, async (): Promise<AccessToken> => {
    state.logins++;
    await Promise.resolve();
    if (state.trouble) throw state.trouble;
    return { value: String(state.logins), apiUrl: 'https://host', lifeMs, cloudTime: null };
  });
  const used = (): Promise<string> => tokens.use(async (token) => token().value);
  return { clock, tokens, state, used };
}

describe('AccessTokens', () => {
  it('shares one login among all who come at once, and keeps its token', async () => {
    const { used, state } = harness();
    expect(await Promise.all([used(), used(), used()])).toEqual(['1', '1', '1']);
    expect(await used()).toBe('1');
    expect(state.logins).toBe(1);
  });

  it.each([
    ['an hour before the end of a week', WEEK_MS, WEEK_MS - HOUR_MS],
    ['a seventh before the end of a short life', 70_000, 60_000],
  ])('renews %s', async (_, lifeMs, renewAtMs) => {
    const { clock, used } = harness(lifeMs);
    await used();
    await clock.advance(renewAtMs - 1);
    expect(await used()).toBe('1');
    await clock.advance(1);
    expect(await used()).toBe('2');
  });

  it('goes on with the old token when an early renewal fails, and tries again a minute later', async () => {
    const { clock, used, state } = harness();
    await used();
    await clock.advance(WEEK_MS - HOUR_MS);
    state.trouble = ownError('CLOUD_UNREACHABLE');
    expect(await used()).toBe('1');
    expect(await used()).toBe('1');
    expect(state.logins).toBe(2);
    await clock.advance(60_000);
    state.trouble = null;
    expect(await used()).toBe('3');
  });

  it('does not use a token that has ended', async () => {
    const { clock, used, state } = harness();
    await used();
    await clock.advance(WEEK_MS);
    state.trouble = ownError('CLOUD_UNREACHABLE');
    await expect(used()).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE' });
  });

  it('trusts no token past its life in a machine that slept, nor for longer where the clock was set back', async () => {
    const { clock, used, state } = harness();
    await used();
    clock.jumpWallClock(WEEK_MS);
    expect(await used()).toBe('2');
    clock.jumpWallClock(-WEEK_MS);
    expect(await used()).toBe('2');
    await clock.advance(WEEK_MS - HOUR_MS);
    expect(await used()).toBe('3');
    expect(state.logins).toBe(3);
  });

  it('logs in once and repeats each call once when a token dies under many calls', async () => {
    const { tokens, used, state } = harness();
    await used();
    const repeated: boolean[] = [];
    const call = (): Promise<string> =>
      tokens.use(async (token, afterLogin) => {
        repeated.push(afterLogin);
        const { value } = token();
        await Promise.resolve();
        if (value === '1') throw deadToken();
        return value;
      });
    expect(await Promise.all([call(), call(), call()])).toEqual(['2', '2', '2']);
    expect(repeated.filter(Boolean)).toHaveLength(3);
    expect(state.logins).toBe(2);
  });

  it('hands on the error when the repetition fails too', async () => {
    const { tokens, state } = harness();
    await expect(tokens.use(() => Promise.reject(deadToken()))).rejects.toMatchObject({ code: '10002' });
    expect(state.logins).toBe(2);
  });

  it('keeps the token through any other error', async () => {
    const { tokens, used, state } = harness();
    for (const error of [ownError('CLOUD_TIMEOUT'), ownError('CLOUD_SERVER_ERROR'), new Error('a bug')]) {
      await expect(tokens.use(() => Promise.reject(error))).rejects.toBe(error);
    }
    expect(await used()).toBe('1');
    expect(state.logins).toBe(1);
  });

  it('lets one caller go without taking the login from the others', async () => {
    const { tokens, used, state } = harness();
    const stop = new AbortController();
    const gone = tokens.use(async (token) => token().value, stop.signal);
    const staying = used();
    stop.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    expect(await staying).toBe('1');
    expect(state.logins).toBe(1);
  });
});
