import type { AccountFault, CameraFault } from '../../../simulator/cloud/faults.js';
import type { Fault } from './faultSchedule.js';

/** How the simulator calls them. */
export const ACCOUNT_FAULT = {
  hang: 'hang',
  quota: 'quota',
  'rate-limited': 'rate-limited',
  'token-rejected': 'token-rejected',
  refused: 'refused',
  unreadable: 'unreadable',
} as const satisfies Partial<Record<Fault['kind'], AccountFault>>;
export const CAMERA_FAULT = {
  'camera-offline': 'offline',
  'camera-unlisted': 'unlisted',
  'camera-timeout': 'timeout',
  'camera-hangs': 'hang',
  'camera-late': 'timeout',
  'camera-silent-days': 'timeout',
  'camera-offline-days': 'offline',
} as const satisfies Partial<Record<Fault['kind'], CameraFault>>;

/** Happens in the world outside, whether the machine sleeps or not. */
export function isElsewhere({ kind }: Fault): boolean {
  return kind.startsWith('camera-') ? kind !== 'camera-deleted' : !MACHINE.has(kind);
}

const MACHINE: ReadonlySet<Fault['kind']> = new Set([
  ...([
    'engine-away',
    'engine-restart',
    'engine-forgets',
    'store-away',
    'store-slow-return',
    'death',
    'restart',
    'clock-jump',
  ] as const),
  ...(['engine-stalls', 'proof-hangs', 'sleep', 'no-ticks', 'camera-deleted'] as const),
]);
