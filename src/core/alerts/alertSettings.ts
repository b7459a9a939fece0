/** The rules: what can be wrong. One alert at most is open for each rule and subject. */
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

/** When alerts are sent: `alerts:` of camlease.yml, in the units that people write there. */
export interface AlertSettings {
  /** A camera has to be dark for this long. */
  readonly cameraDarkMinutes: number;
  /** One alert for a label or an account, instead of many, from so many dark cameras on … */
  readonly groupDarkCameras: number;
  /** … that are at least this part (percent) of its cameras. */
  readonly groupDarkPercent: number;
  /** How long a cloud has to refuse an account for good. */
  readonly accountRefusedMinutes: number;
  /** How long a cloud has to be away, or over its limit; longer, because such faults pass. */
  readonly accountAwayMinutes: number;
  readonly quotaPercent: number;
  /** How long the store or the media server has to be away. */
  readonly unreachableMinutes: number;
  readonly diskFreeMegabytes: number;
  /** How long a trouble has to stay over before that is sent: a camera that comes and goes is one alert. */
  readonly settleMinutes: number;
  /** When the first reminder is sent; the next come after twice and four times as long. 0: none. */
  readonly remindHours: number;
  /** More notifications than this at once become one summary. */
  readonly summaryAbove: number;
  /** Rules that are switched off. */
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
