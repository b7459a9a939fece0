import { existsSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { createMachine, networkCounts, statusFigures } from './machine.js';

const DEVICES = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9999999    9999    0    0    0     0          0         0  9999999    9999    0    0    0     0       0          0
  eth0: 1000000    2000    0    0    0     0          0         0   300000     400    0    0    0     0       0          0
wlan0:7 1 0 0 0 0 0 0 5 3 0 0 0 0 0 0
`;

it('the network is what its interfaces count, without loopback', () => {
  const counts = { bytesReceived: 1_000_007, packetsReceived: 2_001, bytesSent: 300_005, packetsSent: 403 };
  expect(networkCounts(DEVICES)).toEqual(counts);
});

it('figures of the process are null where the system tells none', () => {
  expect(statusFigures('Name:\tnode\nVmSize:\t    2048 kB\nThreads:\t11\n')).toEqual({
    threads: 11,
    virtualBytes: 2_097_152,
  });
  expect(statusFigures(null)).toEqual({ threads: null, virtualBytes: null });
});

it('this machine is read', async () => {
  const machine = createMachine();
  onTestFinished(() => machine.close());
  const { process, runtime, memory, processors } = await machine.read();
  expect(runtime).toMatchObject({ version: expect.stringMatching(/^v\d+\./) as unknown });
  for (const figure of [runtime.heapUsedBytes, process.residentBytes, memory.totalBytes, processors])
    expect(figure).toBeGreaterThan(0);
  expect(process.openFiles === null).toBe(!existsSync('/proc/self/fd'));
});
