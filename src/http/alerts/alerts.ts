import type { z } from 'zod';
import type { OpenAlert } from '../../core/alerts/alert.js';
import { isActive, turnOf, type MaintenanceWindow } from '../../core/alerts/maintenance.js';
import { AppError } from '../../core/errors.js';
import { readBody } from '../route/body.js';
import type { HttpDeps } from '../route/deps.js';
import { idOf } from '../route/ids.js';
import { leftSignal } from '../route/leftSignal.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers, refuses } from '../route/contract.js';
import {
  alertTestReply,
  alertsReply,
  endedMaintenanceReply,
  maintenanceBody,
  maintenanceReply,
  oneMaintenanceReply,
  testAlertBody,
  windowParams,
} from '../shapes/alertSchemas.js';

type Deps = Pick<HttpDeps, 'alerts' | 'redact'>;

/** The newest open and the newest closed alerts that a reply lists, each. */
const MOST_LISTED = 1_000;
const MINUTE_MS = 60_000;
const LONGEST_MS = 31 * 24 * 60 * MINUTE_MS;
const WEEK_MS = 7 * 86_400_000;

export const listAlerts = endpoint(
  {
    summary: 'List alerts and the senders that deliver them',
    replies: {
      200: answers(
        'The open alerts, the alerts that were closed in the last seven days, and the senders.',
        alertsReply,
      ),
    },
  },
  listAlertsHandler,
);

/** Open alerts, those closed lately, and the senders. */
function listAlertsHandler({ alerts, redact }: Deps): Handler {
  return async (_request, response) => {
    const { open, closed, senders } = await alerts.list();
    const json = (alert: OpenAlert): z.input<typeof alertsReply>['open'][number] => alertJson(alert, redact);
    const reply: z.input<typeof alertsReply> = {
      success: true,
      open: open.slice(0, MOST_LISTED).map(json),
      closed: closed.slice(0, MOST_LISTED).map(json),
      senders: senders.map(({ name, kind, to, lastSentAt, failure, waiting }) => ({
        ...{ name, kind, to: redact(to), waiting },
        lastSentAt: lastSentAt?.toISOString() ?? null,
        failure: failure && { ...sentences(failure, redact), at: failure.at.toISOString() },
      })),
    };
    response.set('Cache-Control', 'no-store').json(reply);
  };
}

export const testAlerts = endpoint(
  {
    summary: 'Send a test message through one sender, or through all',
    body: { format: 'json', required: false, schema: testAlertBody },
    replies: {
      200: answers('For each sender whether it delivered the test; if not, the reason and a cure.', alertTestReply),
      404: refuses('There is no sender with this name.'),
    },
  },
  testAlertsHandler,
);

/**
 * Sends a test notification, and says for each sender whether it was delivered. A failed delivery is an answer, not an error of the
 * request.
 */
function testAlertsHandler({ alerts, redact }: Deps): Handler {
  return async (request, response) => {
    const { sender } = readBody(testAlertBody, request);
    if (sender !== undefined && !alerts.hasSender(sender)) {
      throw new AppError('ALERT_SENDER_NOT_FOUND', 'There is no alert sender with this name.', {
        cure: 'Take names from GET /api/alerts; senders are set up in camlease.yml.',
      });
    }
    const results = await alerts.test(sender ?? null, leftSignal(response));
    response.json({
      success: true,
      results: results.map(({ sender: name, to, failure }) => ({
        ...{ sender: name, to: redact(to), sent: failure === null },
        failure: failure && sentences(failure, redact),
      })),
    });
  };
}

export const listMaintenance = endpoint(
  {
    summary: 'Maintenance windows',
    replies: { 200: answers('The windows that have not ended.', maintenanceReply) },
  },
  listMaintenanceHandler,
);

function listMaintenanceHandler({ alerts, clock }: Pick<HttpDeps, 'alerts' | 'clock'>): Handler {
  return async (_request, response) => {
    const windows = await alerts.windows.list();
    const reply: z.input<typeof maintenanceReply> = {
      success: true,
      windows: windows.map((window) => windowJson(window, clock.now())),
    };
    response.set('Cache-Control', 'no-store').json(reply);
  };
}

export const addMaintenance = endpoint(
  {
    summary: 'Add a maintenance window',
    description:
      'During the window camlease sends no alerts about the cameras, labels and accounts that the window names. At the end of the window it sends the alerts that are still open.',
    body: { format: 'json', required: true, schema: maintenanceBody },
    replies: {
      201: answers('The window is stored.', oneMaintenanceReply),
      409: refuses('There are too many windows, or they name too many cameras, labels and accounts.'),
    },
  },
  addMaintenanceHandler,
);

/** Adds a window; without `from` it begins now. Throws REQUEST_INVALID for times that cannot be. */
function addMaintenanceHandler({ alerts, clock }: Pick<HttpDeps, 'alerts' | 'clock'>): Handler {
  return async (request, response) => {
    const { from, to, minutes, note, ...scope } = readBody(maintenanceBody, request);
    const now = clock.now();
    const begin = from === undefined ? now : new Date(from);
    const end = to === undefined ? new Date(begin.getTime() + (minutes ?? 0) * MINUTE_MS) : new Date(to);
    requireSpan(begin, end, scope.weekly, now);
    const window = await alerts.windows.add({ ...scope, from: begin, to: end, note: note ?? '' });
    response.status(201).json({ success: true, window: windowJson(window, now) });
  };
}

export const endMaintenance = endpoint(
  {
    summary: 'End a maintenance window',
    params: windowParams,
    replies: {
      200: answers('The window has ended.', endedMaintenanceReply),
      404: refuses('There is no window with this id.'),
    },
  },
  endMaintenanceHandler,
);

/** Removes a maintenance window. Throws MAINTENANCE_NOT_FOUND. */
function endMaintenanceHandler({ alerts }: Pick<HttpDeps, 'alerts'>): Handler {
  return async (request, response) => {
    if (!(await alerts.windows.remove(idOf(request)))) {
      throw new AppError('MAINTENANCE_NOT_FOUND', 'There is no maintenance window with this id; it may have ended.', {
        cure: 'Take ids from GET /api/maintenance.',
      });
    }
    response.json({ success: true });
  };
}

function requireSpan(from: Date, to: Date, weekly: boolean, now: Date): void {
  const spanMs = to.getTime() - from.getTime();
  const mistake =
    spanMs <= 0
      ? '"to" must be after "from"'
      : to <= now && !weekly
        ? '"to" is in the past'
        : spanMs > LONGEST_MS
          ? 'the window is longer than 31 days'
          : weekly && spanMs >= WEEK_MS
            ? 'a weekly window must be shorter than a week'
            : null;
  if (mistake === null) return;
  throw new AppError('REQUEST_INVALID', `This window is not possible: ${mistake}.`, { cure: 'Correct its times.' });
}

function alertJson(alert: OpenAlert, redact: HttpDeps['redact']): z.input<typeof alertsReply>['open'][number] {
  const {
    rule,
    subject,
    severity,
    title,
    text,
    beganAt,
    openedAt,
    opensAt,
    endedAt,
    told,
    sentAt = told?.at,
    clearSince,
  } = alert;
  return {
    ...{ rule, subject, severity, title: redact(title), text: redact(text) },
    beganAt: beganAt.toISOString(),
    openedAt: (openedAt ?? opensAt).toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    toldAt: sentAt?.toISOString() ?? null,
    clearing: endedAt === null && clearSince !== null,
  };
}

function windowJson(window: MaintenanceWindow, now: Date): z.input<typeof maintenanceReply>['windows'][number] {
  const { from, to } = turnOf(window, now) ?? window;
  return {
    ...window,
    ...{ cameraIds: [...window.cameraIds], labels: [...window.labels], accounts: [...window.accounts] },
    ...{ from: from.toISOString(), to: to.toISOString(), active: isActive(window, now) },
  };
}

function sentences(
  { message, cure }: { readonly message: string; readonly cure: string | null },
  redact: HttpDeps['redact'],
): { message: string; cure: string | null } {
  return { message: redact(message), cure: cure === null ? null : redact(cure) };
}
