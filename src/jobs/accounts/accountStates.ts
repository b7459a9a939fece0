import { nextFailure } from '../../core/renewal/backoff.js';
import { isFromAhead } from '../../core/renewal/renewal.js';
import type { CloudVendor, Failure } from '../../core/camera/camera.js';
import type { Clock, Random } from '../../core/clock.js';
import type { CameraError, FailureClass } from '../../core/errors.js';
import type { CallPriority } from '../../cloud/cloudApi.js';
import type { JobsAccount } from '../run/deps.js';

/** A wrong key stays wrong, but a vendor may mend a refusal: a refused account is tried again this often. */
const PERMANENT_LOOK_MS = 10 * 60_000;
const LONGEST_LOOK_MS = 10 * 60_000;
/** After this many failed calls in a row the cloud counts as away, and a call that succeeds is news. */
const AWAY_FROM = 3;
/** News at most this often: a cloud that comes and goes must not be asked for all cameras each time. */
const NEWS_EVERY_MS = 5 * 60_000;

export interface AccountStatus {
  readonly name: string;
  readonly vendor: CloudVendor;
  readonly lastSuccessAt: Date | null;
  /** True once the cloud has answered this process itself; what another replica shared before does not count. */
  readonly isFirstHand: boolean;
  /** Set while the cloud refuses the account itself. */
  readonly refused: {
    readonly code: string;
    readonly failureClass: FailureClass;
    readonly message: string;
    readonly cure: string;
    readonly since: Date;
    readonly nextLookAt: Date;
  } | null;
  /** Why calls have failed on the way to the cloud since it last answered; null or absent: none has. */
  readonly away?: AwayCloud | null;
  readonly queued: Readonly<Record<CallPriority, number>>;
}

/** The cloud of an account cannot be reached, or its answers cannot be used. */
export interface AwayCloud extends Pick<CameraError, 'code' | 'message' | 'cure'> {
  /** When the first of the failed calls in a row failed. */
  readonly since: Date;
  /** True after so many failures in a row that the account is at fault, not a single camera. */
  readonly isLasting: boolean;
}

/** The account's own fault: refused, or its cloud away for long; null: none. */
export function accountFault({
  refused,
  away = null,
}: Pick<AccountStatus, 'refused' | 'away'>):
  (Omit<AwayCloud, 'isLasting'> & { readonly failureClass: FailureClass }) | null {
  if (refused !== null) return refused;
  return away?.isLasting === true ? { ...away, failureClass: 'retry' } : null;
}

/** What replicas share about an account. Its times are by the clock of the replica that wrote them. */
export interface AccountKnowledge {
  readonly lastSuccessAt: Date | null;
  readonly refused: (Failure & { readonly nextLookAt: Date }) | null;
  readonly away?: AwayCloud | null;
  readonly queued: AccountStatus['queued'];
}

export const NOTHING_KNOWN: AccountKnowledge = {
  lastSuccessAt: null,
  refused: null,
  queued: { renew: 0, discover: 0, capture: 0 },
};

interface State {
  lastSuccessAt: Date | null;
  refused: AccountKnowledge['refused'];
  isFirstHand: boolean;
  /** Waiting calls that the owner shared; null: our own queue counts. */
  queuedElsewhere: AccountStatus['queued'] | null;
  /** Calls in a row that failed on the way to the cloud. */
  lost: number;
  away: AwayCloud | null;
  newsAtMs: number;
  untold: 'reachable' | 'accepted' | null;
}

/** What the clouds say about the accounts themselves, so that one bad key does not make 1,200 cameras fail one by one. */
export class AccountStates {
  readonly #accounts: ReadonlyMap<string, JobsAccount>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #states = new Map<string, State>();
  readonly #listeners: ((account: string, news: 'reachable' | 'accepted') => void)[] = [];

  constructor(accounts: ReadonlyMap<string, JobsAccount>, clock: Clock, random: Random) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#random = random;
  }

  /** False while the account is refused and its next try is still to come. */
  usable(account: string): boolean {
    return this.opensAt(account) === null;
  }

  isRefused(account: string): boolean {
    return this.#of(account).refused !== null;
  }

  /** Why the cloud refuses the account; null: it does not. */
  refusal(account: string): Failure | null {
    return this.#of(account).refused;
  }

  succeeded(account: string): void {
    const state = this.#of(account);
    const news = state.refused !== null ? 'accepted' : state.lost >= AWAY_FROM ? 'reachable' : null;
    // News that comes too soon after the last is kept for later; dropped, it would leave cameras that failed meanwhile
    // waiting for hours.
    if (state.untold === null || news === 'accepted') state.untold = news;
    state.lastSuccessAt = this.#clock.now();
    state.isFirstHand = true;
    state.refused = null;
    state.lost = 0;
    state.away = null;
    const nowMs = this.#clock.monotonicMs();
    const { untold } = state;
    if (untold === null || nowMs - state.newsAtMs < NEWS_EVERY_MS) return;
    state.newsAtMs = nowMs;
    state.untold = null;
    for (const listener of this.#listeners) listener(account, untold);
  }

  /** Takes a call that the cloud did not answer, or with an answer that says nothing about the camera. */
  failedOnTheWay(account: string, { code, message, cure }: CameraError): void {
    // HTTP 401 for one camera's call is an answer of the cloud.
    if (!code.startsWith('CLOUD_') || code === 'CLOUD_LOGIN_EXPIRED') return;
    const state = this.#of(account);
    state.lost += 1;
    const since = state.away?.since ?? this.#clock.now();
    // One failed call may be that camera's fault; several in a row are the account's.
    state.away = { code, message, cure, since, isLasting: state.lost >= AWAY_FROM };
  }

  /** Calls `listener` when a refused account is accepted again, or an account whose cloud was away answers. */
  onBack(listener: (account: string, news: 'reachable' | 'accepted') => void): void {
    this.#listeners.push(listener);
  }

  /** When the account may be asked again; null: now. */
  opensAt(account: string): Date | null {
    const { refused } = this.#of(account);
    const now = this.#clock.now();
    // A refusal dated in the future was made by a wrong clock that has been set back since: do not wait for it.
    if (refused === null || refused.nextLookAt <= now || isFromAhead(refused.at, now)) return null;
    return refused.nextLookAt;
  }

  refuse(account: string, error: CameraError): void {
    const state = this.#of(account);
    const now = this.#clock.now();
    state.isFirstHand = true;
    // Several calls that were refused at once count as one refusal.
    if (this.opensAt(account) !== null) return;
    const failure = nextFailure(state.refused, error, { lease: null, status: 'active' }, this.#random, now);
    const waitMs = failure.nextLookAt === null ? PERMANENT_LOOK_MS : failure.nextLookAt.getTime() - now.getTime();
    const boundedMs = Math.max(error.retryAfterMs ?? 0, Math.min(waitMs, LONGEST_LOOK_MS));
    state.refused = { ...failure, nextLookAt: new Date(now.getTime() + boundedMs) };
  }

  /** Takes what the account's owner shared; does not call listeners. */
  learn(account: string, { lastSuccessAt, refused, away = null, queued }: AccountKnowledge): void {
    const { lost, newsAtMs, untold } = this.#of(account);
    this.#states.set(account, {
      ...{ lastSuccessAt, refused, lost, newsAtMs, untold },
      ...{ isFirstHand: false, queuedElsewhere: queued, away },
    });
  }

  /** This process owns the account from now on, so that its own queue counts. */
  takeOver(account: string): void {
    this.#of(account).queuedElsewhere = null;
  }

  /** What this process shares about an account with other replicas. */
  known(account: string): AccountKnowledge {
    const { lastSuccessAt, refused, away } = this.#of(account);
    return {
      lastSuccessAt,
      refused,
      away,
      queued: this.#accounts.get(account)?.cloud.queued() ?? NOTHING_KNOWN.queued,
    };
  }

  isFirstHand(account: string): boolean {
    return this.#of(account).isFirstHand;
  }

  all(): AccountStatus[] {
    return [...this.#accounts].map(([name, { cloud }]) => {
      const { lastSuccessAt, refused, isFirstHand, queuedElsewhere, away } = this.#of(name);
      const queued = queuedElsewhere ?? cloud.queued();
      return { name, vendor: cloud.vendor, lastSuccessAt, refused, isFirstHand, away, queued };
    });
  }

  #of(account: string): State {
    let state = this.#states.get(account);
    if (!state) {
      state = {
        ...{ lastSuccessAt: null, refused: null, isFirstHand: false, queuedElsewhere: null },
        // After a start it is unknown whether the cloud was away, so the first answer counts as news: cameras that failed
        // on the way are retried.
        ...{ lost: AWAY_FROM, newsAtMs: Number.NEGATIVE_INFINITY, untold: null, away: null },
      };
      this.#states.set(account, state);
    }
    return state;
  }
}
