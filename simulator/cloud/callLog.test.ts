import { describe, expect, it } from 'vitest';
import { CallLog } from './callLog.js';

describe('the call log', () => {
  const logOf = (...times: number[]): CallLog => {
    const log = new CallLog();
    for (const time of times) log.arrived('a', time);
    return log;
  };

  it('finds the fullest window, wherever it begins', () => {
    expect(logOf(0, 900, 1000, 1100, 1800, 5000).maxCallsWithin(950)).toBe(4);
    expect(logOf(0, 949).maxCallsWithin(950)).toBe(2);
    expect(logOf(0, 950).maxCallsWithin(950)).toBe(1);
    expect(logOf().maxCallsWithin(950)).toBe(0);
  });

  it('does not mix accounts', () => {
    const log = logOf(0, 1, 2);
    log.arrived('b', 3);
    expect(log.maxCallsWithin(950)).toBe(3);
    expect(log.maxCallsWithin(950, 'b')).toBe(1);
    expect(log.arrivals('b')).toEqual([3]);
  });

  it('tells listeners until they leave, and counts by kind and camera', () => {
    const log = new CallLog();
    const heard: string[] = [];
    const leave = log.onCall(({ code }) => heard.push(code));
    const call = {
      at: new Date(0),
      arrivedMs: 0,
      account: 'a',
      page: null,
      quality: null,
      urlId: null,
      code: '0',
    } as const;
    log.answered({ ...call, kind: 'live-address', camera: 'J1_1' });
    leave();
    log.answered({ ...call, kind: 'live-address', camera: 'J1_1', code: 'EVZ20007' });
    log.answered({ ...call, kind: 'token', camera: null });
    expect(heard).toEqual(['0']);
    expect(log.counts('a')).toEqual({ 'live-address': 2, token: 1 });
    expect(log.liveAddressCalls('J1_1')).toBe(2);
    expect(log.calls('token')).toHaveLength(1);
  });
});
