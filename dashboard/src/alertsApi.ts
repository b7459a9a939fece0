import { ask, JSON_BODY, type Answer, type Schemas } from './api';

/** Alerts and maintenance windows of the API, as far as the page needs them. */

export type Alert = Schemas['Alert'];
export type AlertsReply = Schemas['AlertsReply'];
export type Sender = AlertsReply['senders'][number];
export type MaintenanceWindow = Schemas['Maintenance'];
export type TestResult = Schemas['AlertTestReply']['results'][number];

export const getAlerts = (): Promise<AlertsReply> => ask('/api/alerts');

export const listMaintenance = async (): Promise<readonly MaintenanceWindow[]> =>
  (await ask<Answer<'/api/maintenance'>>('/api/maintenance')).windows;

export const addMaintenance = (window: Schemas['NewMaintenance']): Promise<unknown> =>
  ask('/api/maintenance', { method: 'POST', headers: JSON_BODY, body: JSON.stringify(window) });

export const endMaintenance = (id: string): Promise<unknown> =>
  ask(`/api/maintenance/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** Sends a test message. The page waits longer than for other requests, since a sender may take a while to give up. */
export const testSender = async (sender: string): Promise<TestResult | null> => {
  const body = JSON.stringify({ sender });
  const reply = await ask<Schemas['AlertTestReply']>(
    '/api/alerts/test',
    { method: 'POST', headers: JSON_BODY, body },
    TEST_PATIENCE_MS,
  );
  return reply.results[0] ?? null;
};

const TEST_PATIENCE_MS = 30_000;
