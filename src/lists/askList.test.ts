import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sourceNetworks } from '../core/camera/sourceNetworks.js';
import type { MasterList } from '../core/feeds/masterItems.js';
import { systemClock } from '../systemClock.js';
import { askList, type ListAnswer } from './askList.js';

const HERE = sourceNetworks('127.0.0.0/8');

/** Serves on a free port; the address of it. */
async function served(answer: RequestListener, host = '127.0.0.1'): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function ask(url: string, more: Partial<MasterList> = {}, networks = HERE, lookup?: string): Promise<ListAnswer> {
  const list: MasterList = {
    ...{ name: 'city', url, everyMs: 30_000, timeoutMs: 10_000, headers: {}, items: null, login: null },
    ...{ fields: { key: 'id', url: 'url' }, ...more },
  };
  return askList(
    list,
    {
      ...{ clock: systemClock, networks },
      ...(lookup !== undefined && { lookup: (_host, answer) => answer(null, [{ address: lookup, family: 4 }]) }),
    },
    new AbortController().signal,
  );
}

describe('asking an address for a list', () => {
  it('gives its text, with the headers that the operator set', async () => {
    const url = await served((request, response) => response.end(JSON.stringify([request.headers['x-key']])));
    expect(await ask(`${url}/cams?key=1`, { headers: { 'X-Key': 'k1' } })).toEqual({ text: '["k1"]', problem: null });
  });

  it.each([
    [500, 'answered with status 500', 'look at the system'],
    [401, 'answered with status 401', 'headers'],
    [204, 'answered with status 204', 'look at the system'],
  ])('tells status %i', async (status, problem, cure) => {
    const url = await served((_request, response) => response.writeHead(status).end());
    expect(await ask(url)).toEqual({ problem, cure: expect.stringContaining(cure) as string });
  });

  it('tells an address that nobody serves, one that is silent, and one that answers without an end', async () => {
    expect(await ask('http://127.0.0.1:1/')).toMatchObject({
      problem: 'cannot be reached, since nobody listens there',
    });
    const silent = await served(() => undefined);
    expect(await ask(silent, { timeoutMs: 50 })).toMatchObject({ problem: 'did not answer within 0.05 s' });
    const endless = await served((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, 0x20);
      const more = (): void => {
        if (!response.destroyed) response.write(piece, () => setImmediate(more));
      };
      more();
    });
    expect(await ask(endless)).toMatchObject({ problem: 'answered more than 16 MB' });
  });

  it('asks no address outside the networks: written, resolved, or redirected to', async () => {
    let asked = 0;
    const url = await served((_request, response) => {
      asked += 1;
      response.writeHead(302, { Location: 'http://169.254.169.254/latest/meta-data/' }).end();
    });
    const refused = { problem: 'leads to an address that may not be asked' };
    const none = sourceNetworks('');
    const { port } = new URL(url);
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost', '0.0.0.0'])
      expect(await ask(`http://${host}:${port}/`, {}, none)).toMatchObject(refused);
    expect(await ask(`http://cams.test:${port}/`, {}, none, '127.0.0.1')).toMatchObject(refused);
    expect(asked).toBe(0);
    expect(await ask(url)).toMatchObject(refused);
    expect(asked).toBe(1);
  });

  it('dials the address that it checked', async () => {
    const url = await served((request, response) => response.end(JSON.stringify([request.headers.host])));
    const { port } = new URL(url);
    expect(await ask(`http://cams.test:${port}/`, {}, HERE, '127.0.0.1')).toMatchObject({
      text: `["cams.test:${port}"]`,
    });
  });

  it('follows redirects, without its headers where they lead to another host, and not for ever', async () => {
    const other = await served((request, response) => response.end(JSON.stringify([request.headers['x-key'] ?? null])));
    const url = await served((request, response) => {
      const [to = ''] =
        { '/a': ['/b'], '/b': [`${other}/`], '/loop': ['/loop'], '/file': ['file:///etc/passwd'] }[request.url ?? ''] ??
        [];
      response.writeHead(307, { Location: to }).end();
    });
    expect(await ask(`${url}/a`, { headers: { 'X-Key': 'k1' } })).toMatchObject({ text: '[null]' });
    expect(await ask(`${url}/loop`)).toMatchObject({ problem: 'redirects more than 5 times' });
    expect(await ask(`${url}/file`)).toMatchObject({ problem: 'redirects to something that is no http address' });
  });

  it('repeats nothing of the address in what it tells', async () => {
    for (const url of ['http://u:hunter2@127.0.0.1:1/?key=hunter2', 'http://hunter2.invalid/'])
      expect(JSON.stringify(await ask(url))).not.toContain('hunter2');
  });
});
