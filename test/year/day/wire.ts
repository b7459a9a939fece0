import { AppError } from '../../../src/core/errors.js';
import type { StoreDriver } from '../../../src/store/driver.js';
import type { Machine } from './machine.js';

/** What a replica and its database say to each other. */
export interface Wire {
  /** How long this call takes there, and its answer back. */
  readonly delaysMs: (call: string) => readonly [thereMs: number, backMs: number];
  readonly wait: (ms: number) => Promise<void>;
  /** Nothing that is sent arrives. */
  readonly isAway: () => boolean;
  /** It is about to leave. */
  readonly onSend: (call: string, args: readonly unknown[]) => void;
  /** The database has done it; the answer has not left yet. */
  readonly onDone: (call: string, args: readonly unknown[], answer: unknown) => void;
}

/** Tables beside the cameras. */
const TABLES: ReadonlySet<string> = new Set(['events', 'passes', 'pictures', 'records']);
const AT_ONCE: ReadonlySet<string> = new Set(['open', 'close', 'describe']);

/**
 * A driver whose every call goes over a wire: what was sent arrives whatever becomes of its sender, and the answer waits for one
 * that is frozen. Of foreign writes it can tell nothing, as MongoDB's.
 */
export function overTheWire(driver: StoreDriver, machine: Machine, wire: Wire): StoreDriver {
  return proxied(driver, '', machine, wire);
}

function proxied<T extends object>(target: T, prefix: string, machine: Machine, wire: Wire): T {
  return new Proxy(target, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name, of);
      const call = `${prefix}${String(name)}`;
      if (call === 'foreignWrites') return () => null;
      if (TABLES.has(call) && typeof value === 'object' && value !== null)
        return proxied(value, `${call}.`, machine, wire);
      if (typeof value !== 'function') return value;
      if (AT_ONCE.has(call)) return value.bind(of) as unknown;
      const run = (args: readonly unknown[]): unknown => Reflect.apply(value, of, args);
      if (call === 'readAll') return () => readAll(run([]), machine, wire);
      return (...args: unknown[]) => send(call, args, () => run(args), machine, wire);
    },
  });
}

async function send(
  call: string,
  args: readonly unknown[],
  run: () => unknown,
  machine: Machine,
  wire: Wire,
): Promise<unknown> {
  wire.onSend(call, args);
  await machine.taken();
  const [thereMs, backMs] = wire.delaysMs(call);
  if (thereMs > 0) await wire.wait(thereMs);
  if (wire.isAway()) return unanswered(machine);
  const answer = await run();
  wire.onDone(call, args, answer);
  if (backMs > 0) await wire.wait(backMs);
  await machine.taken();
  return answer;
}

async function* readAll(batches: unknown, machine: Machine, wire: Wire): AsyncGenerator {
  await machine.taken();
  const [thereMs, backMs] = wire.delaysMs('readAll');
  if (thereMs > 0) await wire.wait(thereMs);
  if (wire.isAway()) await unanswered(machine);
  const all: unknown[] = [];
  for await (const batch of batches as AsyncIterable<unknown>) all.push(batch);
  if (backMs > 0) await wire.wait(backMs);
  await machine.taken();
  yield* all;
}

async function unanswered(machine: Machine): Promise<never> {
  await machine.taken();
  throw new AppError('STORE_UNREACHABLE', 'The database does not answer.');
}
