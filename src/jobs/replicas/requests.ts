import { z } from 'zod';
import type { CameraId } from '../../core/camera/camera.js';
import { Poller } from '../../core/async/poller.js';
import { sleep } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { SKIP_REASONS, type InitializeReport } from '../../core/passes/pass.js';
import type { StoredRecord } from '../../store/recordTable.js';
import type { JobsDeps } from '../run/deps.js';
import type { Ownership } from '../run/ownership.js';
import { accountNoteBody } from './accountNoteBody.js';

/** How often an owner polls for requests, and a requester for the answer. */
const POLL_EVERY_MS = 1_000;
/** Requests that nobody fetched are dropped after this time; it is long because the replicas' clocks may differ. */
const KEPT_MS = 86_400_000;

const failedCamera = z.object({ cameraId: z.string(), code: z.string(), message: z.string(), cure: z.string() });
const failedAccount = z.object({ account: z.string(), code: z.string(), message: z.string(), cure: z.string() });
const notedAccount = z.object({ account: z.string(), ...accountNoteBody.shape });
const heldCamera = z.object({
  cameraId: z.string(),
  reason: z.string(),
  until: z.string().nullable(),
  sentence: z.string(),
});
const skippedCamera = z.object({ cameraId: z.string(), reason: z.enum(SKIP_REASONS) });
const renewed = z.object({
  renewed: z.number(),
  held: z.number(),
  skipped: z.number(),
  failed: z.array(failedCamera),
  // Absent in the answer of an older version.
  heldCameras: z.array(heldCamera).optional(),
  skippedCameras: z.array(skippedCamera).optional(),
});
const initialized = z.object({
  discovered: z.number(),
  created: z.number(),
  updated: z.number(),
  missing: z.number(),
  leased: z.number(),
  failed: z.array(failedCamera),
  failedAccounts: z.array(failedAccount),
  // Absent in the answer of an older version.
  notes: z.array(notedAccount).default([]),
});

const requestBody = z.object({
  job: z.enum(['renew', 'initialize', 'move']),
  /**
   * Each camera, with its highest revision when the request was made: a camera that has a later one by now is not renewed
   * again.
   */
  cameras: z.array(z.tuple([z.string(), z.number()])),
  force: z.boolean(),
  insist: z.boolean(),
  /** null: not carried out yet. */
  renewed: renewed.nullable(),
  initialized: initialized.nullable(),
});
export type RequestBody = z.infer<typeof requestBody>;

export type Renewed = z.infer<typeof renewed>;
export type Initialized = Required<Omit<InitializeReport, 'success' | 'pass'>>;

export interface RequestHandlers {
  readonly renew: (body: RequestBody) => Promise<Renewed>;
  readonly initialize: (account: string) => Promise<Initialized>;
  /** The operator wants these cameras moved to their new leases now, even if that drops viewers. */
  readonly move: (cameraIds: readonly CameraId[]) => void;
}

type Deps = Pick<JobsDeps, 'clock' | 'log' | 'newId'> & {
  readonly ownership: Ownership;
  readonly records: JobsDeps['records'];
};

const EMPTY: RequestBody = {
  job: 'renew',
  cameras: [],
  force: false,
  insist: false,
  renewed: null,
  initialized: null,
};

/**
 * What a replica asks of the owner of an account, as a record in the store that the owner carries out and writes its
 * answer to. If the owner dies, the next owner carries it out; it renews only cameras that have no later lease yet.
 */
export class Requests {
  readonly #deps: Deps;
  readonly #handlers: RequestHandlers;
  readonly #running = new Set<string>();
  readonly #polls: Poller;

  constructor(deps: Deps, handlers: RequestHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
    this.#polls = new Poller(deps.clock, () => this.#pollAll());
  }

  start(): void {
    this.#polls.in(POLL_EVERY_MS);
  }

  stop(): Promise<void> {
    return this.#polls.stop();
  }

  async renew(account: string, asked: Pick<RequestBody, 'cameras' | 'force' | 'insist'>, signal: AbortSignal) {
    return (await this.#ask(account, { ...EMPTY, ...asked }, signal)).renewed;
  }

  async initialize(account: string, signal: AbortSignal): Promise<Initialized | null> {
    return (await this.#ask(account, { ...EMPTY, job: 'initialize' }, signal)).initialized;
  }

  /** Writes the request and does not wait: the account's owner carries it out. */
  async leave(account: string, asked: Pick<RequestBody, 'cameras' | 'force' | 'insist'>): Promise<void> {
    await this.#put(this.#deps.newId(), account, { ...EMPTY, ...asked });
  }

  /** Asks the media server's owner to move these cameras, until the returned function is called. */
  async move(cameraIds: readonly CameraId[]): Promise<() => Promise<void>> {
    const id = this.#deps.newId();
    await this.#put(id, '', { ...EMPTY, job: 'move', force: true, cameras: cameraIds.map((camera) => [camera, 0]) });
    return async () => {
      await this.#deps.records.remove('request', id).catch(() => false);
    };
  }

  async #put(id: string, group: string, body: RequestBody): Promise<void> {
    const { clock, records } = this.#deps;
    await records.put({ kind: 'request', id, group, at: clock.now(), body }, 0);
  }

  /** Resolves with the answered request; rejects with the signal's reason. */
  async #ask(account: string, body: RequestBody, signal: AbortSignal): Promise<RequestBody> {
    const { clock, records, newId } = this.#deps;
    const id = newId();
    await this.#put(id, account, body);
    try {
      for (;;) {
        await sleep(clock, POLL_EVERY_MS, signal);
        const record = await records.get('request', id).catch(() => undefined);
        if (record === null) return body;
        const read = record && requestBody.safeParse(record.body);
        if (read?.success && (read.data.renewed ?? read.data.initialized) !== null) return read.data;
      }
    } finally {
      await records.remove('request', id).catch(() => false);
    }
  }

  async #pollAll(): Promise<number> {
    const { clock, ownership, records } = this.#deps;
    if (ownership.isShared?.() !== true) return POLL_EVERY_MS;
    // The heartbeat reports a store that is away.
    const open = await records.list('request').catch(() => []);
    for (const record of open) this.#take(record);
    await records.dropBefore('request', new Date(clock.now().getTime() - KEPT_MS)).catch(() => undefined);
    return POLL_EVERY_MS;
  }

  #take(record: StoredRecord): void {
    const read = requestBody.safeParse(record.body);
    if (!read.success) return;
    const { data: body } = read;
    if (body.force && this.#deps.ownership.engine()) this.#handlers.move(body.cameras.map(([id]) => id));
    const isOpen = (body.renewed ?? body.initialized) === null && body.job !== 'move';
    if (!isOpen || this.#running.has(record.id) || !this.#deps.ownership.account(record.group)) return;
    this.#running.add(record.id);
    void this.#carryOut(record, body).finally(() => this.#running.delete(record.id));
  }

  async #carryOut(record: StoredRecord, body: RequestBody): Promise<void> {
    const { records, log } = this.#deps;
    const { group: account } = record;
    try {
      const answered =
        body.job === 'renew'
          ? { ...body, renewed: await this.#handlers.renew(body) }
          : { ...body, initialized: await this.#handlers.initialize(account) };
      // If the record is gone, the requester has stopped waiting and the write does nothing. If the account changed hands
      // meanwhile, its new owner answers.
      if (this.#deps.ownership.account(account)) await records.put({ ...record, body: answered }, record.version);
    } catch (thrown) {
      log.warn(`A request of another replica failed: ${messageOf(thrown)}`, { account });
    }
  }
}
