import { ask, JSON_BODY } from './api';

/** Alerts and maintenance windows of the API, as far as the page needs them. */

export interface Alert {
  readonly rule: string;
  readonly severity: 'warning' | 'critical';
  readonly title: string;
  readonly text: string;
  readonly beganAt: string;
  readonly endedAt: string | null;
  readonly toldAt: string | null;
  readonly clearing: boolean;
}

export interface Sender {
  readonly name: string;
  readonly kind: string;
  readonly to: string;
  readonly lastSentAt: string | null;
  readonly failure: { readonly message: string; readonly cure: string | null } | null;
  readonly waiting: number;
}

export interface AlertsReply {
  readonly open: readonly Alert[];
  readonly closed: readonly Alert[];
  readonly senders: readonly Sender[];
}

export interface MaintenanceWindow {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly active: boolean;
  readonly weekly: boolean;
  readonly everything: boolean;
  readonly cameraIds: readonly string[];
  readonly labels: readonly string[];
  readonly accounts: readonly string[];
  readonly note: string;
}

export interface TestResult {
  readonly sender: string;
  readonly sent: boolean;
  readonly failure: { readonly message: string; readonly cure: string | null } | null;
}

export const getAlerts = (): Promise<AlertsReply> => ask('/api/alerts');

export const listMaintenance = async (): Promise<readonly MaintenanceWindow[]> =>
  (await ask<{ windows: readonly MaintenanceWindow[] }>('/api/maintenance')).windows;

export const addMaintenance = (window: object): Promise<unknown> =>
  ask('/api/maintenance', { method: 'POST', headers: JSON_BODY, body: JSON.stringify(window) });

export const endMaintenance = (id: string): Promise<unknown> =>
  ask(`/api/maintenance/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** Sends a test message. The page waits longer than for other requests, since a sender may take a while to give up. */
export const testSender = async (sender: string): Promise<TestResult | null> => {
  const body = JSON.stringify({ sender });
  const reply = await ask<{ results: readonly TestResult[] }>(
    '/api/alerts/test',
    { method: 'POST', headers: JSON_BODY, body },
    TEST_PATIENCE_MS,
  );
  return reply.results[0] ?? null;
};

const TEST_PATIENCE_MS = 30_000;
