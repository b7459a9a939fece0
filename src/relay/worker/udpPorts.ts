import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { OpenUdp, UdpPackets, UdpPorts } from '../rtspClient/udp.js';

/** How often another pair is tried when the port beside a free one is taken. */
const MOST_TRIES = 20;
/** Room for a key frame that comes at once. */
const RECEIVE_BYTES = 2 * 1_024 * 1_024;

/** Opens two neighbouring UDP ports on this machine. */
export const openUdp: OpenUdp = async (family, receive) => {
  for (let tries = 1; ; tries++) {
    const pair = await tryPair(family);
    if (pair !== null) return portsOf(pair, receive);
    if (tries >= MOST_TRIES) throw new Error('there are no two neighbouring free ports');
  }
};

type SocketPair = readonly [Socket, Socket];

/** null: the system gave an odd port, or the one behind it is taken. */
async function tryPair(family: 4 | 6): Promise<SocketPair | null> {
  const first = await bound(family, 0);
  if (first === null) return null;
  const { port } = first.address();
  const second = port % 2 === 0 ? await bound(family, port + 1) : null;
  if (second !== null) return [first, second];
  first.close();
  return null;
}

async function bound(family: 4 | 6, port: number): Promise<Socket | null> {
  const socket = createSocket({ type: `udp${family}`, recvBufferSize: RECEIVE_BYTES });
  try {
    socket.bind(port);
    await once(socket, 'listening');
    return socket;
  } catch {
    socket.close();
    return null;
  }
}

function portsOf(pair: SocketPair, receive: (packets: UdpPackets) => void): UdpPorts {
  for (const [at, socket] of pair.entries()) {
    socket.on('message', (packet, { address }) => receive({ isReport: at === 1, packet, from: address }));
    socket.on('error', () => undefined); // a packet was refused on its way: others may come
  }
  let isClosed = false;
  return {
    ports: { packets: pair[0].address().port, reports: pair[1].address().port },
    send(isReport, packet, port, address) {
      if (!isClosed && port > 0) pair[isReport ? 1 : 0].send(packet, port, address, () => undefined);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const socket of pair) socket.close();
    },
  };
}
