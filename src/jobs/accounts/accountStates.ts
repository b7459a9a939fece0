import { nextFailure } from '../../core/renewal/backoff.js';
import { isFromAhead } from '../../core/renewal/renewal.js';
import type { CloudVendor, Failure } from '../../core/camera/camera.js';
import type { Clock, Random } from '../../core/clock.js';
import type { CameraError, FailureClass } from '../../core/errors.js';
import type { CallPriority } from '../../cloud/cloudApi.js';
import type { CloudAccount } from '../run/deps.js';

/** Keys do not heal by themselves, but a vendor's side may: a refused account is tried again this often. */
const PERMANENT_LOOK_MS = 10 * 60_000;
const LONGEST_LOOK_MS = 10 * 60_000;
/** After so many calls in a row that came to nothing, one that succeeds is news. */
const AWAY_FROM = 3;
/** A cloud that comes and goes is not asked for all its cameras each time it comes. */
const NEWS_EVERY_MS = 5 * 60_000;

export interface AccountStatus {
  readonly name: string;
  readonly vendor: CloudVendor;
  readonly lastSuccessAt: Date | null;
  /** True once this process itself had an answer of the cloud's; what another process said before it owned the account is none. */
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
  /** What went wrong on the way to the cloud since it last answered; null or absent: nothing. */
  readonly away?: AwayCloud | null;
  readonly queued: Readonly<Record<CallPriority, number>>;
}

/** The cloud of an account cannot be reached, or answers nothing that says anything. */
export interface AwayCloud extends Pick<CameraError, 'code' | 'message' | 'cure'> {
  /** The first of the calls in a row that came to nothing. */
  readonly since: Date;
  /** So many in a row that it is a fault of the account, and not of a camera. */
  readonly isLasting: boolean;
}

/** What is wrong with the account as a whole; null: nothing. */
export function accountFault({
  refused,
  away = null,
}: Pick<AccountStatus, 'refused' | 'away'>):
  (Omit<AwayCloud, 'isLasting'> & { readonly failureClass: FailureClass }) | null {
  if (refused !== null) return refused;
  return away?.isLasting === true ? { ...away, failureClass: 'retry' } : null;
}

/** What one process can tell another of an account. Its moments are the teller's clock's. */
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
  /** null: in our own queue. */
  queuedElsewhere: AccountStatus['queued'] | null;
  /** Calls in a row that failed on the way. */
  lost: number;
  away: AwayCloud | null;
  newsAtMs: number;
  untold: 'reachable' | 'accepted' | null;
}

/** What the clouds say of the accounts themselves: so 1,200 cameras do not each fail by one bad key. */
export class AccountStates {
  readonly #accounts: ReadonlyMap<string, CloudAccount>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #states = new Map<string, State>();
  readonly #listeners: ((account: string, news: 'reachable' | 'accepted') => void)[] = [];

  constructor(accounts: ReadonlyMap<string, CloudAccount>, clock: Clock, random: Random) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#random = random;
  }

  /** False while the account is refused and not yet to be tried again. */
  usable(account: string): boolean {
    return this.opensAt(account) === null;
  }

  isRefused(account: string): boolean {
    return this.#of(account).refused !== null;
  }

  /** What the cloud said when it refused the account; null when it did not. */
  refusal(account: string): Failure | null {
    return this.#of(account).refused;
  }

  succeeded(account: string): void {
    const state = this.#of(account);
    const news = state.refused !== null ? 'accepted' : state.lost >= AWAY_FROM ? 'reachable' : null;
    // What comes too soon after the last is told later, or what failed meanwhile would wait for hours.
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

  /** A call got no answer of the cloud's, or none that says anything about the camera. */
  failedOnTheWay(account: string, { code, message, cure }: CameraError): void {
    // A login that is not accepted for one camera (HTTP 401) is an answer.
    if (!code.startsWith('CLOUD_') || code === 'CLOUD_LOGIN_EXPIRED') return;
    const state = this.#of(account);
    state.lost += 1;
    const since = state.away?.since ?? this.#clock.now();
    // One call that is lost is that camera's; several in a row, with no answer between them, are the account's.
    state.away = { code, message, cure, since, isLasting: state.lost >= AWAY_FROM };
  }

  /** Hears when an account that was refused is accepted again, or one that could not be reached answers. */
  onBack(listener: (account: string, news: 'reachable' | 'accepted') => void): void {
    this.#listeners.push(listener);
  }

  /** When the account may be asked again; null: now. */
  opensAt(account: string): Date | null {
    const { refused } = this.#of(account);
    const now = this.#clock.now();
    // A clock that was wrong, and has been set back, is nothing to wait for.
    if (refused === null || refused.nextLookAt <= now || isFromAhead(refused.at, now)) return null;
    return refused.nextLookAt;
  }

  refuse(account: string, error: CameraError): void {
    const state = this.#of(account);
    const now = this.#clock.now();
    state.isFirstHand = true;
    // Calls that were on their way together are one refusal.
    if (this.opensAt(account) !== null) return;
    const failure = nextFailure(state.refused, error, { lease: null, status: 'active' }, this.#random, now);
    const lookMs = failure.nextLookAt === null ? PERMANENT_LOOK_MS : failure.nextLookAt.getTime() - now.getTime();
    const boundedMs = Math.max(error.retryAfterMs ?? 0, Math.min(lookMs, LONGEST_LOOK_MS));
    state.refused = { ...failure, nextLookAt: new Date(now.getTime() + boundedMs) };
  }

  /** What the account's owner tells becomes what is known here; nobody hears of it as news. */
  learn(account: string, { lastSuccessAt, refused, away = null, queued }: AccountKnowledge): void {
    const { lost, newsAtMs, untold } = this.#of(account);
    this.#states.set(account, {
      ...{ lastSuccessAt, refused, lost, newsAtMs, untold },
      ...{ isFirstHand: false, queuedElsewhere: queued, away },
    });
  }

  /** From now on our own queue is the account's. */
  takeOver(account: string): void {
    this.#of(account).queuedElsewhere = null;
  }

  /** What is known of an account, for another process. */
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
        // Who has just started does not know whether the cloud was away: what failed on the way is worth a call once it answers.
        ...{ lost: AWAY_FROM, newsAtMs: Number.NEGATIVE_INFINITY, untold: null, away: null },
      };
      this.#states.set(account, state);
    }
    return state;
  }
}
