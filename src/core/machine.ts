/** What the operating system and Node.js say of this machine and of this process at one moment. null: the system does not tell. */
export interface MachineReading {
  /** Mean number of waiting processes over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number] | null;
  readonly processors: number;
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  readonly runtime: {
    /** Of Node.js, such as `v20.19.0`. */
    readonly version: string;
    /** Timers, sockets and other things that keep the process at work. */
    readonly activeResources: number;
    /** Collections of garbage since the reading of this machine began. */
    readonly collections: number;
    readonly heapUsedBytes: number;
    readonly heapTotalBytes: number;
  };
  readonly process: {
    readonly openFiles: number | null;
    readonly threads: number | null;
    readonly virtualBytes: number | null;
    readonly residentBytes: number;
    /** Seconds that processors have worked for it. */
    readonly processorSeconds: number;
    readonly upSeconds: number;
  };
  /** Of all network interfaces but loopback, since the machine started. */
  readonly network: NetworkCounts | null;
}

export interface NetworkCounts {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
}

/** Reads this machine; `close` ends what counts in the meantime. */
export interface Machine {
  read(): Promise<MachineReading>;
  close(): void;
}
