import type { Machine, MachineReading, NetworkCounts } from '../../../src/core/machine.js';

const READING: MachineReading = {
  load: [0.5, 0.25, 0.125],
  processors: 4,
  memory: { totalBytes: 8_000, freeBytes: 6_000 },
  runtime: {
    ...{ version: 'v20.19.0', activeResources: 7, collections: 3 },
    ...{ heapUsedBytes: 640, heapTotalBytes: 1_280 },
  },
  process: {
    ...{ openFiles: 20, threads: 11, virtualBytes: 4_096, residentBytes: 2_048 },
    ...{ processorSeconds: 1.5, upSeconds: 60.5 },
  },
  network: { bytesSent: 1_000, bytesReceived: 2_000, packetsSent: 10, packetsReceived: 20 },
};

export interface FakeMachine extends Machine {
  reading: MachineReading;
  isClosed: boolean;
  move(counts: Partial<NetworkCounts>): void;
}

/** A machine whose figures a test sets. */
export function fakeMachine(): FakeMachine {
  const machine: FakeMachine = {
    reading: READING,
    isClosed: false,
    move: (counts) => {
      const { network } = machine.reading;
      if (network) machine.reading = { ...machine.reading, network: { ...network, ...counts } };
    },
    read: () => Promise.resolve(machine.reading),
    close: () => void (machine.isClosed = true),
  };
  return machine;
}
