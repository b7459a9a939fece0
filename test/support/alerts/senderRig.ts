import type { AxiosInstance } from 'axios';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { createSenders } from '../../../src/alerts/senders/createSenders.js';
import type { AlertSender, Notification, SenderSettings } from '../../../src/alerts/sender.js';
import { AppError } from '../../../src/core/errors.js';
import type { ProxyFor } from '../../../src/core/outboundProxy.js';
import { axiosHolding } from '../clouds/cloudHarness.js';

export interface LogLine {
  readonly level: 'debug' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SenderRig {
  readonly clock: TurnedClock;
  readonly sender: AlertSender;
  readonly log: LogLine[];
  /** Sends and lets time pass until the send has ended; null: it was sent. Only for senders that use HTTP. */
  readonly send: (notification?: Notification) => Promise<AppError | null>;
}

export interface RigOptions {
  readonly clock?: TurnedClock;
  readonly authorities?: readonly string[];
  readonly hostName?: string;
  readonly proxyFor?: ProxyFor;
  /** Requests to any https host go to this server instead, as `/<host>/<path>`. */
  readonly divertTo?: string;
  /** Called before each further attempt. */
  readonly onRetry?: (clock: TurnedClock, waitMs: number) => void;
}

/** A clock that begins at the real time: code that checks a signature compares the signature's time with the machine's clock. */
export const nowClock = (): TurnedClock => new TurnedClock(new Date());

/** One sender on a turned clock. */
export function senderRig(settings: SenderSettings, options: RigOptions = {}): SenderRig {
  const clock = options.clock ?? nowClock();
  const log: LogLine[] = [];
  const http = axiosHolding(clock);
  if (options.divertTo !== undefined) divert(http, options.divertTo);
  const [sender] = createSenders([settings], {
    http,
    clock,
    random: () => 0.5,
    log: {
      debug(message, fields = {}) {
        log.push({ level: 'debug', message, fields });
        if (typeof fields['waitMs'] === 'number') options.onRetry?.(clock, fields['waitMs']);
      },
      warn: (message, fields = {}) => log.push({ level: 'warn', message, fields }),
    },
    ...(options.proxyFor && { proxyFor: options.proxyFor }),
    ...(options.hostName !== undefined && { hostName: options.hostName }),
    ...(options.authorities && { authorities: options.authorities }),
  });
  if (!sender) throw new Error('no sender was made');
  return {
    clock,
    sender,
    log,
    send: (notification = aNotification()) =>
      clock.runUntil(faultOf(sender.send(notification, new AbortController().signal)), 600_000),
  };
}

/** How a send ends: null, or its `AppError`; any other error is thrown. */
export async function faultOf(sending: Promise<void>): Promise<AppError | null> {
  try {
    await sending;
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
}

function divert(http: AxiosInstance, server: string): void {
  http.interceptors.request.use((config) => {
    config.url = (config.url ?? '').replace(/^https:\/\//, `${server}/`);
    return config;
  });
}

export function aNotification(change: Partial<Notification> = {}): Notification {
  return {
    id: 'alert-7f3a',
    kind: 'alert',
    severity: 'critical',
    title: 'Gate is dark',
    text: 'No picture for 10 minutes.\n\nLook at its power.',
    at: new Date('2026-01-05T08:00:00Z'),
    rule: 'camera-dark',
    subjects: [{ kind: 'camera', id: 'abc', name: 'Gate' }],
    link: 'https://cams.example.org/camera/abc',
    ...change,
  };
}
