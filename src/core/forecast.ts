/** Renewals that fall due within one hour or day. */
export interface DueBucket {
  /** The hour or day begins here. */
  readonly from: Date;
  readonly leases: number;
}

/** What one cloud account has before it. */
export interface AccountForecast {
  readonly account: string;
  /** Calls for live addresses that the vendor allows in an hour. */
  readonly callsPerHour: number;
  /** Due now, or waiting to be asked for. */
  readonly backlog: number;
  /** At the vendor's rate, and not before what it said it wants to be left alone until; null: nothing waits. */
  readonly backlogDoneAt: Date | null;
  /** The earliest moment at which a camera goes dark unless it is renewed before; null: none has a lease that ends. */
  readonly firstDarkAt: Date | null;
  /** Cameras that will be dark before the backlog reaches them. */
  readonly tooLate: number;
  /** Part of the quota that is used, 0 to 1; null: the vendor names none. */
  readonly quotaUsed: number | null;
}

export interface Forecast {
  readonly madeAt: Date;
  /** The next 24 hours. */
  readonly hours: readonly DueBucket[];
  /** The next 14 days. */
  readonly days: readonly DueBucket[];
  readonly accounts: readonly AccountForecast[];
}
