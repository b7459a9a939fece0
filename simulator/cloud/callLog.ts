/** The kinds of calls. `picture` is the download of a captured picture: not an API call, and not counted by the rate limit. */
export type CallKind =
  | 'token'
  | 'stream-token'
  | 'system-properties'
  | 'device-list'
  | 'device-detail'
  | 'camera-list'
  | 'live-address'
  | 'disable-address'
  | 'capture'
  | 'encrypt-off'
  | 'picture';

/** One call as the cloud saw it. Contains no key, token or URL. */
export interface CallRecord {
  readonly at: Date;
  /** When the call arrived (monotonic ms), to measure rates. */
  readonly arrivedMs: number;
  /** null: the call had neither a known key nor a token that was ever given out. */
  readonly account: string | null;
  readonly kind: CallKind;
  /** `<SERIAL>_<channel>` of calls about one camera. */
  readonly camera: string | null;
  /** Page number of listings, as sent. */
  readonly page: number | null;
  /** The stream of a live URL: 1 main, 2 sub. */
  readonly quality: 1 | 2 | null;
  /** The id of the live URL that was given or disabled. */
  readonly urlId: string | null;
  /** The code of the answer (`0` and `200` are successes), `HTTP503`, `DROP`, or `HANG` for no answer. */
  readonly code: string;
}

export type CallListener = (call: CallRecord) => void;

/** Beyond this number the older half is forgotten, so that a simulator may run for months. Counts are kept. */
const RECORDS_KEPT = 200_000;

/** Every call of every account, in the order of their answers. */
export class CallLog {
  #records: CallRecord[] = [];
  readonly #arrivals = new Map<string, number[]>();
  readonly #kinds = new Map<string, Map<CallKind, number>>();
  readonly #liveByCamera = new Map<string, number>();
  readonly #listeners = new Set<CallListener>();

  /** Counts an API call of the account when it arrives, whether or not it is answered. */
  arrived(account: string, atMs: number): void {
    const times = this.#arrivals.get(account) ?? [];
    if (times.length >= RECORDS_KEPT) times.splice(0, RECORDS_KEPT / 2);
    times.push(atMs);
    this.#arrivals.set(account, times);
  }

  answered(call: CallRecord): void {
    if (this.#records.length >= RECORDS_KEPT) this.#records = this.#records.slice(RECORDS_KEPT / 2);
    this.#records.push(call);
    const kinds = this.#kinds.get(call.account ?? '') ?? new Map<CallKind, number>();
    kinds.set(call.kind, (kinds.get(call.kind) ?? 0) + 1);
    this.#kinds.set(call.account ?? '', kinds);
    if (call.kind === 'live-address' && call.camera !== null) {
      this.#liveByCamera.set(call.camera, this.liveAddressCalls(call.camera) + 1);
    }
    for (const listener of this.#listeners) listener(call);
  }

  calls(kind?: CallKind): readonly CallRecord[] {
    return kind === undefined ? [...this.#records] : this.#records.filter((call) => call.kind === kind);
  }

  /** Calls the listener at each answer; the returned function ends that. */
  onCall(listener: CallListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** When the account's API calls arrived (monotonic ms). */
  arrivals(account: string): readonly number[] {
    return [...(this.#arrivals.get(account) ?? [])];
  }

  /** The most API calls of the account (absent: of the busiest account) that arrived within any `windowMs`. */
  maxCallsWithin(windowMs: number, account?: string): number {
    const names = account === undefined ? [...this.#arrivals.keys()] : [account];
    return Math.max(0, ...names.map((name) => mostWithin(this.#arrivals.get(name) ?? [], windowMs)));
  }

  /** The number of calls of each kind; `account` absent: of all accounts together. */
  counts(account?: string): Partial<Record<CallKind, number>> {
    const sum: Partial<Record<CallKind, number>> = {};
    for (const [name, kinds] of this.#kinds) {
      if (account !== undefined && name !== account) continue;
      for (const [kind, count] of kinds) sum[kind] = (sum[kind] ?? 0) + count;
    }
    return sum;
  }

  liveAddressCalls(ref: string): number {
    return this.#liveByCamera.get(ref) ?? 0;
  }
}

/** `times` ascending. A window holds what arrived less than `windowMs` after its first call. */
function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  times.forEach((time, index) => {
    while (time - (times[first] ?? time) >= windowMs) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
