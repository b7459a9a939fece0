import { describe, expect, it } from 'vitest';
import { at, HOUR, MINUTE } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { alertsReply, alertTestReply, maintenanceReply, oneMaintenanceReply } from '../shapes/alertSchemas.js';

const SECRET = 'whsec_VGhpcyBpcyBhIHNlY3JldCBvZiBhIHdlYmhvb2s=';

function house(): FakeHouse {
  const made = fakeHouse({ redact: (text) => text.replaceAll(SECRET, '[hidden]') });
  const failure = { message: `The key ${SECRET} was refused.`, cure: null };
  made.alertSenders.push(
    {
      state: { name: 'ops', kind: 'webhook', to: 'hooks.test', lastSentAt: at(0), failure: null, waiting: 0 },
      failure: null,
    },
    {
      state: {
        name: 'mail',
        kind: 'email',
        to: 'ops@mail.test',
        lastSentAt: null,
        failure: { ...failure, at: at(0) },
        waiting: 2,
      },
      failure,
    },
  );
  made.alertsOpen.push({
    id: 'camera-dark/camera/a',
    rule: 'camera-dark',
    subject: { kind: 'camera', id: 'a', name: 'Gate' },
    severity: 'warning',
    title: 'Gate is dark',
    text: 'Nothing comes.',
    cameraIds: ['a'],
    beganAt: at(0),
    opensAt: at(5 * MINUTE),
    openedAt: at(5 * MINUTE),
    told: null,
    clearSince: null,
    endedAt: null,
  });
  return made;
}

describe('GET /api/alerts', () => {
  it('shows what is open and who is told, without a secret', async () => {
    const client = await serve(house());
    const { status, json, text } = await client.send('GET', '/api/alerts');
    expect(status).toBe(200);
    const reply = alertsReply.parse(json);
    expect(reply.open).toMatchObject([{ title: 'Gate is dark', toldAt: null, clearing: false }]);
    expect(reply.senders.map(({ name, waiting }) => `${name} ${waiting}`)).toEqual(['ops 0', 'mail 2']);
    expect(text).not.toContain(SECRET);
    expect(text).toContain('The key [hidden] was refused.');
  });
});

describe('toldAt', () => {
  it.each([
    ['null while no sender took the message', null, null],
    ['the moment in which one did', at(7 * MINUTE), at(7 * MINUTE).toISOString()],
  ])('is %s', async (_what, sentAt, toldAt) => {
    const made = house();
    const [alert] = made.alertsOpen.splice(0);
    if (!alert) throw new Error('no alert');
    made.alertsOpen.push({
      ...alert,
      told: { at: at(5 * MINUTE), severity: 'warning', remindAt: null, times: 1 },
      sentAt,
    });
    const client = await serve(made);
    expect(alertsReply.parse((await client.send('GET', '/api/alerts')).json).open).toMatchObject([{ toldAt }]);
  });
});

describe('POST /api/alerts/test', () => {
  it('answers for each sender whether it went', async () => {
    const client = await serve(house());
    const { status, json, text } = await client.send('POST', '/api/alerts/test');
    expect(status).toBe(200);
    expect(alertTestReply.parse(json).results.map(({ sender, sent }) => `${sender} ${sent}`)).toEqual([
      'ops true',
      'mail false',
    ]);
    expect(text).not.toContain(SECRET);
  });

  it('tries one sender when it is named, and says when there is none of that name', async () => {
    const client = await serve(house());
    const one = await client.send('POST', '/api/alerts/test', { body: { sender: 'ops' } });
    expect(alertTestReply.parse(one.json).results).toHaveLength(1);
    const none = await client.send('POST', '/api/alerts/test', { body: { sender: 'nobody' } });
    expect(none.status).toBe(404);
    expect(none.json).toMatchObject({ error: { code: 'ALERT_SENDER_NOT_FOUND' } });
  });
});

describe('maintenance windows', () => {
  it('are added for an hour from now, listed and ended', async () => {
    const made = house();
    const client = await serve(made);
    const added = await client.send('POST', '/api/maintenance', { body: { minutes: 60, everything: true } });
    expect(added.status).toBe(201);
    const { window } = oneMaintenanceReply.parse(added.json);
    expect(window).toMatchObject({ active: true, everything: true });
    expect(Date.parse(window.to) - Date.parse(window.from)).toBe(HOUR);
    const listed = maintenanceReply.parse((await client.send('GET', '/api/maintenance')).json);
    expect(listed.windows).toEqual([window]);
    expect((await client.send('DELETE', `/api/maintenance/${window.id}`)).status).toBe(200);
    expect((await client.send('DELETE', `/api/maintenance/${window.id}`)).status).toBe(404);
    expect(made.maintenance).toEqual([]);
  });

  it.each<[string, object]>([
    ['without an end', { everything: true }],
    ['with two ends', { everything: true, minutes: 5, to: at(HOUR).toISOString() }],
    ['of nothing', { minutes: 5 }],
    ['that ends before it begins', { everything: true, from: at(HOUR).toISOString(), to: at(MINUTE).toISOString() }],
    ['that is over', { everything: true, from: at(-HOUR).toISOString(), to: at(-MINUTE).toISOString() }],
    ['of a year', { everything: true, minutes: 525_600 }],
    ['that is longer than its week', { everything: true, weekly: true, minutes: 8 * 24 * 60 }],
    ['with a word we do not know', { everything: true, minutes: 5, silent: true }],
  ])('%s are refused', async (_what, body) => {
    const made = house();
    const client = await serve(made);
    const { status, json } = await client.send('POST', '/api/maintenance', { body });
    expect(status).toBe(400);
    expect(json).toMatchObject({ success: false, error: { code: 'REQUEST_INVALID' } });
    expect(made.maintenance).toEqual([]);
  });
});
