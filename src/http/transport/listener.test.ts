import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { AppError } from '../../core/errors.js';
import { createHttpServer } from '../server.js';
import { createListener, MOST_UNANSWERED } from './listener.js';

describe('listening and closing', () => {
  it("says plainly that an address is not this machine's", async () => {
    // TEST-NET-1 (RFC 5737): an address that no machine has.
    const failure: unknown = await createHttpServer(fakeHouse())
      .listen(0, '192.0.2.1')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('192.0.2.1') as string });
  });

  it('says plainly that the port is taken', async () => {
    const first = createHttpServer(fakeHouse());
    const { port } = await first.listen(0, '127.0.0.1');
    const failure: unknown = await createHttpServer(fakeHouse())
      .listen(port, '127.0.0.1')
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code: 'PORT_IN_USE', message: `Port ${port} is taken by another program.` });
    await first.close();
  });

  it('cuts a client that asks for much and takes nothing', async () => {
    const house = fakeHouse();
    const size = 50_000_000;
    let wasCut = (): void => undefined;
    const cut = new Promise<void>((resolve) => (wasCut = resolve));
    const listener = createListener(
      (_request, response) => response.once('close', wasCut).end(Buffer.alloc(size)),
      house.clock,
      { stalledMs: 200 },
    );
    const { port } = await listener.listen(0, '127.0.0.1');
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    socket.pause().on('error', () => undefined);
    await cut;
    let taken = 0;
    socket.on('data', (piece: Buffer) => (taken += piece.length)).resume();
    await once(socket, 'close');
    expect(taken).toBeLessThan(size);
    await listener.close();
  });

  it('takes only some of the requests that one connection sends without waiting, says so, and closes it', async () => {
    const house = fakeHouse();
    const asked: string[] = [];
    const listener = createListener((request, response) => {
      asked.push(request.url ?? '');
      response.end('well\n');
    }, house.clock);
    const { port } = await listener.listen(0, '127.0.0.1');
    const packet = Array.from({ length: 500 }, (_, n) => `GET /${n} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join('');
    const socket = connect(port, '127.0.0.1', () => socket.write(packet));
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (piece: Buffer) => (answer += piece.toString()));
    await once(socket, 'close');
    expect(asked).toHaveLength(MOST_UNANSWERED);
    expect(answer.match(/^HTTP\/1.1 \d+/gm)).toEqual([
      ...Array.from({ length: MOST_UNANSWERED }, () => 'HTTP/1.1 200'),
      'HTTP/1.1 429',
    ]);
    expect(answer).toContain('without waiting for an answer');
    await listener.close();
  });

  it('tells every request of a connection that the client is gone, whatever its turn', async () => {
    const house = fakeHouse();
    let asked = 0;
    let gone = 0;
    let allGone = (): void => undefined;
    const told = new Promise<void>((resolve) => (allGone = resolve));
    const listener = createListener((_request, response) => {
      response.once('close', () => (++gone === MOST_UNANSWERED ? allGone() : undefined));
      // The first request keeps the others waiting, whether they are answered or not.
      if (asked % 2 === 1) response.end('well');
      if (++asked === MOST_UNANSWERED) socket.destroy();
    }, house.clock);
    const { port } = await listener.listen(0, '127.0.0.1');
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(MOST_UNANSWERED)),
    );
    await told;
    await listener.close();
  });

  it('closes at once though a browser keeps a silent connection open', async () => {
    const server = createHttpServer(fakeHouse());
    const { port } = await server.listen(0, '127.0.0.1');
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const cut = once(socket, 'close');
    // This house's clock stands still: a wait for the grace period would never end.
    await server.close();
    await cut;
  });

  it('lets a request that waits for its pass end, and no longer than the grace', async () => {
    const house = fakeHouse();
    const server = createHttpServer(house);
    const { port } = await server.listen(0, '127.0.0.1');
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/hikvision/initialize', agent: false });
    const cut = once(sent, 'error');
    sent.end();
    while (house.begun === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = server.close();
    await house.clock.advance(3_000);
    await closed;
    await cut;
  });
});
