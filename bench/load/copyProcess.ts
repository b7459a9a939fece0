/**
 * A process that copies bytes without reading them: `copyProcess.js <port>`. It connects to that port for each connection that it gets, and
 * sends its own port to its parent. Its processor time is about the least that a Node program needs to carry these bytes from one
 * connection to another.
 */
import { connect, createServer } from 'node:net';
import process from 'node:process';

const [, , port = '0'] = process.argv;
const READ_BYTES = 128 * 1_024;

const server = createServer({ noDelay: true }, (to) => {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES);
  const copy = (count: number): boolean => to.write(memory.subarray(0, count)) || to.writableLength === 0;
  const from = connect({
    ...{ port: Number(port), host: '127.0.0.1', noDelay: true },
    onread: { buffer: memory, callback: copy },
  });
  to.on('drain', () => from.resume());
  to.pipe(from);
  for (const socket of [from, to]) socket.on('error', () => undefined);
  from.on('close', () => to.destroy());
  to.on('close', () => from.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0);
});
process.on('disconnect', () => process.exit(0));
