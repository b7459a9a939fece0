import { createServer, type Server } from 'node:net';
import { expect, it } from 'vitest';
import { freeTcpPort, freeUdpPort } from './freePorts.js';

const HELD = 12_000 + 4_321;
/** Gives the same port for every call. */
const same = (): number => 4_321 / 20_000;

it('keeps away from the ports that outgoing connections take', async () => {
  const ports = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? freeTcpPort() : freeUdpPort())));
  expect(Math.max(...ports)).toBeLessThan(32_768);
  expect(Math.min(...ports)).toBeGreaterThan(1_024);
  expect(new Set(ports).size).toBe(ports.length);
});

it('gives the wanted port, and another when somebody has it', async ({ onTestFinished }) => {
  const wanted = await freeTcpPort();
  expect(await freeTcpPort(wanted)).toBe(wanted);
  const holder = await hold(wanted);
  onTestFinished(() => void holder.close());
  expect(await freeTcpPort(wanted)).not.toBe(wanted);
});

it('says so when it finds none', async ({ onTestFinished }) => {
  const holder = await hold(HELD).catch(() => null); // another program may hold the port, which is just as good
  onTestFinished(() => void holder?.close());
  await expect(freeTcpPort(0, same)).rejects.toThrow('none is free');
});

function hold(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
