import type { Clock } from '../../core/clock.js';
import type { Machine, MachineReading, NetworkCounts } from '../../core/machine.js';

/** Rates are of at least so long a time; a request that comes sooner gets the latest ones. */
const SHORTEST_MS = 1_000;
/** V8 does not count its objects; a usual one, with what hangs on it, has about so many bytes. */
const BYTES_OF_OBJECT = 64;

interface Rates {
  readonly bytesSent: number | null;
  readonly bytesReceived: number | null;
}

/** The statistics of the old system's server route, in its form, with rates of the network since the request before. */
export class Statistics {
  readonly #machine: Pick<Machine, 'read'>;
  readonly #clock: Clock;
  #before: { readonly counts: NetworkCounts | null; readonly atMs: number } | null = null;
  #rates: Rates = { bytesSent: 0, bytesReceived: 0 };

  constructor(machine: Pick<Machine, 'read'>, clock: Clock) {
    this.#machine = machine;
    this.#clock = clock;
  }

  async read() {
    const reading = await this.#machine.read();
    const rates = this.#ratesBy(reading.network);
    return inOldForm(reading, rates, this.#clock.now());
  }

  #ratesBy(counts: NetworkCounts | null): Rates {
    const atMs = this.#clock.monotonicMs();
    if (counts === null) return { bytesSent: null, bytesReceived: null };
    const before = this.#before;
    if (before !== null && atMs - before.atMs < SHORTEST_MS) return this.#rates;
    this.#before = { counts, atMs };
    if (before === null || before.counts === null) return this.#rates;
    const seconds = (atMs - before.atMs) / 1_000;
    // Counters that went back were reset, with their interface.
    const rate = (key: keyof NetworkCounts, then: NetworkCounts): number =>
      Math.max(0, counts[key] - then[key]) / seconds;
    this.#rates = {
      bytesSent: rate('bytesSent', before.counts),
      bytesReceived: rate('bytesReceived', before.counts),
    };
    return this.#rates;
  }
}

function inOldForm({ load, processors, memory, runtime, process, network }: MachineReading, rates: Rates, now: Date) {
  const used = memory.totalBytes - memory.freeBytes;
  const goRuntime = {
    version: runtime.version,
    num_goroutine: runtime.activeResources,
    gomaxprocs: processors,
    num_cpu: processors,
    // There is no Go in camlease that could call C.
    cgo_calls: 0,
    num_gc: runtime.collections,
    heap_objects: Math.round(runtime.heapUsedBytes / BYTES_OF_OBJECT),
    heap_alloc: runtime.heapUsedBytes,
    heap_sys: runtime.heapTotalBytes,
  };
  return {
    cpu: {
      load_avg_1: load?.[0] ?? null,
      load_avg_5: load?.[1] ?? null,
      load_avg_15: load?.[2] ?? null,
      num_cpu: processors,
    },
    memory: {
      total: memory.totalBytes,
      used,
      free: memory.freeBytes,
      usage_percent: memory.totalBytes === 0 ? null : (100 * used) / memory.totalBytes,
    },
    go_runtime: goRuntime,
    // The name that a sibling of the old system gave it.
    runtime: goRuntime,
    process: {
      num_fd: process.openFiles,
      num_threads: process.threads,
      virtual_size: process.virtualBytes,
      resident_size: process.residentBytes,
      cpu_time: process.processorSeconds,
    },
    network: {
      bytes_sent: network?.bytesSent ?? null,
      bytes_received: network?.bytesReceived ?? null,
      packets_sent: network?.packetsSent ?? null,
      packets_received: network?.packetsReceived ?? null,
      bytes_sent_rate: rates.bytesSent,
      bytes_received_rate: rates.bytesReceived,
      last_update: now.toISOString(),
    },
    uptime: process.upSeconds,
  };
}
