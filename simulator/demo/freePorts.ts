import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Ports are chosen below those that systems give to outgoing connections (Linux: 32768 to 60999, others: from 49152). Such a port could be
 * free when it is checked, and taken by the time the program that listens on it starts.
 */
const LOWEST = 12_000;
const HIGHEST = 32_000;
const TRIES = 200;

/** Ports that were given out already: one process may ask for several before it uses the first. */
const given = new Set<number>();

/** A free TCP port of this machine that no outgoing connection will take: `wanted` if it is free, else any. Throws when it finds none. */
export async function freeTcpPort(wanted = 0, random: () => number = Math.random): Promise<number> {
  if (wanted !== 0 && (await isFreeTcp(wanted))) return wanted;
  return freePort(isFreeTcp, random);
}

/** The same for UDP. */
export function freeUdpPort(random: () => number = Math.random): Promise<number> {
  return freePort(isFreeUdp, random);
}

/** Throws when all ports that it tries are taken. */
async function freePort(isFree: (port: number) => Promise<boolean>, random: () => number): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LOWEST + Math.floor(random() * (HIGHEST - LOWEST));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`of ${TRIES} ports between ${LOWEST} and ${HIGHEST} none is free on this machine`);
}

function isFreeTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function isFreeUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
