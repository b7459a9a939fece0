import { z } from 'zod';
import type { CameraId } from '../../core/camera.js';
import { sleep, type Clock } from '../../core/clock.js';
import type { RelayCameras, RelayedCamera } from '../../core/relay.js';
import { candidatePath } from '../process/paths.js';
import { packUnits } from '../process/slateFiles.js';
import { CONTROL_PROTOCOL, relayedSchema, statusSchema, toldSchema, type RelayStatus } from '../process/wire.js';
import { inWords, isStale, otherProtocol, unreachable, wordsOf } from './clientErrors.js';
import { ControlClient, ControlError, type Ask } from './controlClient.js';
import type { RelayHost, RelayTrouble } from './relayHost.js';
import { ToldCameras } from './toldCameras.js';

const LOOK_EVERY_MS = 1_000;
const STATUS_MS = 2_000;
/** Long enough for all cameras of the largest installation. */
const TELL_MS = 15_000;
const STATES_MS = 1_500;
const SLATE_MS = 5_000;
/** A relay that was killed is back within a second and its workers serve on meanwhile; only then is it said to be away. */
const AWAY_MS = 10_000;
/** How long the start waits for a first answer. */
const FIRST_ANSWER_MS = 5_000;
const FIRST_LOOK_MS = 100;
const END_MS = 3_000;

const nothing = z.object({});
const statesSchema = z.record(z.string(), relayedSchema);

export interface RelayClientOptions {
  readonly host: RelayHost;
  readonly clock: Clock;
  /** True: no other process shares the database, so that fences mean nothing. */
  readonly isAlone: boolean;
  /** True: the relay ends with this process, as the MediaMTX before it does. */
  readonly endsWithUs: boolean;
  /** Told of every text that must never be shown. */
  readonly keepSecret: (text: string) => void;
  readonly log: {
    info(message: string, fields?: Readonly<Record<string, unknown>>): void;
    warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  };
}

/** camlease's side of a relay: looks after it, tells it what is in force, and asks what its streams do. */
export class RelayClient {
  readonly #options: RelayClientOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #told = new ToldCameras();
  readonly #stopping = new AbortController();
  #control: { readonly key: string; readonly client: ControlClient } | null = null;
  #status: RelayStatus | null = null;
  /** The change that our latest telling made; null: none. */
  #after: { readonly run: string; readonly change: number } | null = null;
  #toldFence: number | null = null;
  /** Since when it does not answer (monotonic ms); null: it does. */
  #awaySinceMs: number | null;
  #why: RelayTrouble;
  #problem: RelayTrouble | null;
  /** Of the relay that was remarked on last. */
  #remarkedVersion: string | null = null;
  /** Listeners know that there is one. They log it, with what follows from it; other words for it are logged here. */
  #isTold = false;
  /** That it does not answer yet is no news then. */
  #isStarting = true;
  #telling: Promise<unknown> = Promise.resolve();
  /** Counts tellings begun and ended, so that a look which ran beside one is not compared with it. */
  #tellings = 0;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: RelayClientOptions) {
    this.#options = options;
    this.#why = { message: 'The relay has not answered yet.', cure: options.host.cure };
    this.#awaySinceMs = Number.NEGATIVE_INFINITY;
    this.#problem = this.#trouble();
  }

  get problem(): RelayTrouble | null {
    return this.#problem;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async start(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    const endMs = clock.monotonicMs() + FIRST_ANSWER_MS;
    while (!signal.aborted && clock.monotonicMs() < endMs) {
      await this.#look();
      if (this.#awaySinceMs === null) break;
      await sleep(clock, FIRST_LOOK_MS, signal).catch(() => undefined);
    }
    this.#isStarting = false;
    this.#sayProblem(false);
    this.#looking = this.#lookAgainAndAgain();
  }

  async stop(): Promise<void> {
    const { endsWithUs, host } = this.#options;
    this.#stopping.abort();
    await this.#looking;
    if (endsWithUs) {
      await this.#end();
      await host.end();
    }
    this.#control?.client.close();
  }

  sourceFor(cameraId: CameraId): string | null {
    return this.#readerUrl(cameraId);
  }

  candidateUrl(cameraId: CameraId, revision: number): string | null {
    return this.#readerUrl(candidatePath(cameraId, revision));
  }

  /** One after the other; see the engine's `Relay`. */
  tell(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    const told = this.#telling.then(() => this.#tell(cameras, fence, signal));
    this.#telling = told.catch(() => undefined);
    return told;
  }

  async keepSlate(cameraId: CameraId, units: readonly Buffer[]): Promise<void> {
    const path = `/slates/${encodeURIComponent(cameraId)}`;
    await this.#ask({ method: 'PUT', path, body: packUnits(units), schema: nothing, limitMs: SLATE_MS });
  }

  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null> {
    try {
      const asked = { method: 'GET', path: '/states', schema: statesSchema, limitMs: STATES_MS, signal } as const;
      return new Map(Object.entries(await this.#ask(asked)));
    } catch {
      return null;
    }
  }

  async #tell(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    const differences = this.#told.differences(cameras);
    const isSaid = this.#told.isKnown && differences.size === 0 && fence === this.#toldFence;
    if (isSaid) return;
    this.#tellings += 1;
    try {
      if (this.#told.isKnown) await this.#sendDifferences(cameras, differences, fence, signal);
      else await this.#send(cameras, null, fence, signal);
      this.#told.keep(cameras);
      this.#toldFence = fence;
    } catch (thrown) {
      // Whether it took them is not known.
      this.#told.forget();
      throw thrown;
    } finally {
      this.#tellings += 1;
    }
  }

  /** Where the relay knows other things than we think, it is told everything. */
  async #sendDifferences(
    cameras: RelayCameras,
    differences: ReadonlyMap<CameraId, unknown>,
    fence: number,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      await this.#send(differences, this.#after, fence, signal);
    } catch (thrown) {
      if (!isStale(thrown)) throw thrown;
      await this.#send(cameras, null, fence, signal);
    }
  }

  async #send(
    cameras: ReadonlyMap<CameraId, unknown>,
    since: { readonly run: string; readonly change: number } | null,
    fence: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const body = { fence: this.#options.isAlone ? null : fence, since, cameras: Object.fromEntries(cameras) };
    const asked = { method: 'POST', path: '/cameras', body, schema: toldSchema, limitMs: TELL_MS, signal } as const;
    this.#after = await this.#ask(asked);
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #lookAgainAndAgain(): Promise<void> {
    while (!this.#isStopping()) {
      await sleep(this.#options.clock, LOOK_EVERY_MS, this.#stopping.signal).catch(() => undefined);
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { host, clock } = this.#options;
    if (this.#isStopping()) return;
    const before = this.#tellings;
    try {
      const status = await this.#ask({ method: 'GET', path: '/status', schema: statusSchema, limitMs: STATUS_MS });
      if (!host.suits(status)) await this.#askToLeave(status);
      else if (status.protocol !== CONTROL_PROTOCOL) throw otherProtocol(status);
      else this.#answered(status, this.#tellings === before && before % 2 === 0);
    } catch (thrown) {
      if (this.#isStopping()) return;
      this.#why = wordsOf(thrown, host.cure);
      this.#awaySinceMs ??= clock.monotonicMs();
      host.revive();
    }
    this.#sayProblem(false);
  }

  #answered(status: RelayStatus, isComparable: boolean): void {
    const wasAway = this.#awaySinceMs !== null;
    const isAnother = this.#status !== null && this.#status.run !== status.run;
    this.#status = status;
    this.#options.keepSecret(status.reader.password);
    this.#awaySinceMs = null;
    if (wasAway) {
      const { pid, version } = status;
      this.#options.log.info('The relay answers.', { pid, version, cameras: status.cameras });
    }
    this.#sayRemark(status);
    const after = this.#after;
    const isStale = after !== null && (after.run !== status.run || after.change !== status.change);
    if (!isAnother && !(isStale && isComparable)) return;
    this.#told.forget();
    this.#after = null;
    this.#sayProblem(true);
  }

  /** Once for each relay. */
  #sayRemark(status: RelayStatus): void {
    const remark = this.#options.host.remark(status);
    if (remark !== null && status.version !== this.#remarkedVersion)
      this.#options.log.warn(remark.message, { cure: remark.cure });
    this.#remarkedVersion = status.version;
  }

  /** Another one takes its place; its workers serve their readers to the end. */
  async #askToLeave({ pid, version }: RelayStatus): Promise<void> {
    this.#options.log.info('A relay of another version or port runs; it hands over to one of ours.', { pid, version });
    await this.#ask({ method: 'POST', path: '/stop', body: { readers: 'keep' }, schema: nothing, limitMs: STATUS_MS });
    this.#awaySinceMs ??= this.#options.clock.monotonicMs();
  }

  #trouble(): RelayTrouble | null {
    const { host, clock } = this.#options;
    if (this.#awaySinceMs === null) return this.#status?.problem ?? null;
    const isLong = clock.monotonicMs() - this.#awaySinceMs >= AWAY_MS;
    if (!isLong && this.#problem === null) return null;
    return host.trouble ?? this.#why;
  }

  /** `isReset`: what it was told is to be told again, so that listeners have to know in any case. */
  #sayProblem(isReset: boolean): void {
    if (this.#isStarting && this.#awaySinceMs !== null) return;
    const before = this.#problem;
    this.#problem = this.#trouble();
    const isSame = before?.message === this.#problem?.message && before?.cure === this.#problem?.cure;
    if (!isSame && this.#isTold && this.#problem)
      this.#options.log.warn(this.#problem.message, { cure: this.#problem.cure });
    this.#isTold = this.#problem !== null;
    if (!isSame || isReset) for (const listener of this.#listeners) listener();
  }

  #readerUrl(path: string): string | null {
    if (this.#status === null) return null;
    const { port, password } = this.#status.reader;
    return `rtsp://camlease:${password}@${this.#options.host.readerHost}:${port}/${path}`;
  }

  async #ask<T>(asked: Ask<T>): Promise<T> {
    const { host } = this.#options;
    const control = this.#reach();
    if (control === null) throw unreachable('The relay has not been started, or its secret is not known.', host.cure);
    try {
      return await control.ask(asked);
    } catch (thrown) {
      throw thrown instanceof ControlError ? inWords(thrown, host.cure) : thrown;
    }
  }

  #reach(): ControlClient | null {
    const { host, clock } = this.#options;
    const address = host.find();
    if (address === null) return null;
    const key = `${address.url} ${address.secret}`;
    if (this.#control?.key === key) return this.#control.client;
    this.#control?.client.close();
    const client = new ControlClient(address, clock);
    this.#control = { key, client };
    return client;
  }

  /** Resolves when it no longer answers, or does not end in time. */
  async #end(): Promise<void> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + END_MS;
    try {
      const asked = {
        method: 'POST',
        path: '/stop',
        body: { readers: 'end' },
        schema: nothing,
        limitMs: END_MS,
      } as const;
      await this.#ask(asked);
      while (clock.monotonicMs() < endMs) {
        await this.#ask({ method: 'GET', path: '/status', schema: statusSchema, limitMs: STATUS_MS });
        await sleep(clock, FIRST_LOOK_MS);
      }
    } catch {
      // It is gone.
    }
  }
}
