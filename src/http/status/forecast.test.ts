import { describe, expect, it } from 'vitest';
import { at, HOUR, T0 } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { forecastReply } from '../shapes/forecastSchema.js';

function houseWithForecast(): FakeHouse {
  const house = fakeHouse();
  const north = {
    account: 'north',
    callsPerHour: 17_910,
    backlog: 0,
    backlogDoneAt: null,
    tooLate: 0,
    quotaUsed: null,
  };
  house.forecast = {
    madeAt: T0,
    hours: [{ from: T0, leases: 7 }],
    days: [{ from: T0, leases: 9 }],
    accounts: [
      { ...north, firstDarkAt: at(3 * HOUR) },
      {
        ...north,
        account: 'south',
        backlog: 4,
        backlogDoneAt: at(HOUR),
        firstDarkAt: at(2 * HOUR),
        tooLate: 1,
        quotaUsed: 0.5,
      },
    ],
  };
  return house;
}

describe('the forecast', () => {
  it('says of each account and of all together what falls due and what is too late', async () => {
    const client = await serve(houseWithForecast());
    const reply = await client.send('GET', '/api/forecast');
    expect(reply.status).toBe(200);
    expect(forecastReply.parse(reply.json)).toMatchObject({
      madeAt: T0.toISOString(),
      hours: [{ from: T0.toISOString(), leases: 7 }],
      ...{ backlog: 4, backlogDoneAt: at(HOUR).toISOString(), firstDarkAt: at(2 * HOUR).toISOString() },
      ...{ tooLate: 1, quotaUsed: 0.5 },
      accounts: [
        { account: 'north', backlog: 0, quotaUsed: null },
        { account: 'south', tooLate: 1 },
      ],
    });
  });

  it('is among the metrics, by account', async () => {
    const client = await serve(houseWithForecast());
    const { text } = await client.send('GET', '/metrics');
    expect(text).toContain('camlease_backlog{account="south"} 4\n');
    expect(text).toContain('camlease_too_late{account="south"} 1\n');
    expect(text).toContain('camlease_first_dark_seconds{account="north"} 10800\n');
    expect(text).toContain('camlease_quota_used{account="south"} 0.5\n');
    expect(text).not.toContain('camlease_quota_used{account="north"}');
    expect(text).toContain('camlease_cameras_by_urgency{urgency="emergency"} 0\n');
  });
});
