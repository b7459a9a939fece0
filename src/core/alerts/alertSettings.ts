/** What is watched. One alert is open per rule and subject at most. */
export const ALERT_RULES = [
  'camera-dark',
  'group-dark',
  'renewal-failing',
  'account-refused',
  'quota-near',
  'backlog',
  'store-unreachable',
  'engine-unreachable',
  'engine-degraded',
  'stream-refused',
  'disk-full',
] as const;
export type AlertRule = (typeof ALERT_RULES)[number];

/** When alerts speak; `alerts:` of camlease.yml, in the units that people write there. */
export interface AlertSettings {
  /** A camera has to be dark for this long. */
  readonly cameraDarkMinutes: number;
  /** One alert for a label or an account instead of many: at least so many dark cameras … */
  readonly groupDarkCameras: number;
  /** … that are at least this part of it. */
  readonly groupDarkPercent: number;
  /** A cloud that refuses an account for good has to say so for this long. */
  readonly accountRefusedMinutes: number;
  /** A cloud that is away, or over its limit: such things pass. */
  readonly accountAwayMinutes: number;
  readonly quotaPercent: number;
  /** Store and media server. */
  readonly unreachableMinutes: number;
  readonly diskFreeMegabytes: number;
  /** What is over has to stay so for this long before anybody is told: a camera that comes and goes is one alert. */
  readonly settleMinutes: number;
  /** The first reminder; the next ones come after twice and four times as long. 0: none. */
  readonly remindHours: number;
  /** More than this at once become one summary. */
  readonly summaryAbove: number;
  /** Rules that are not to speak. */
  readonly off: readonly AlertRule[];
}

export const DEFAULT_ALERT_SETTINGS: AlertSettings = {
  cameraDarkMinutes: 5,
  groupDarkCameras: 3,
  groupDarkPercent: 50,
  accountRefusedMinutes: 2,
  accountAwayMinutes: 30,
  quotaPercent: 80,
  unreachableMinutes: 1,
  diskFreeMegabytes: 500,
  settleMinutes: 3,
  remindHours: 6,
  summaryAbove: 5,
  off: [],
};
