import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CompatApp, CompatDeps } from './compatApp.js';
import { createCompat, type CompatPorts } from './compat.js';
import { send } from '../../test/support/http/httpClient.js';
import { fakeMachine } from '../../test/support/compat/fakeMachine.js';
import { fakeHouse } from '../../test/support/http/httpDeps.js';
import { AppError } from '../core/errors.js';
import type { MediaProcess } from '../media/process/mediaProcess.js';

const OFF: CompatPorts = { sparka: [], mtx: [], viewer: [] };

/** An older system that answers its errors as `{old: <code>}`. */
function oldSystem(): CompatApp {
  const app = express();
  app.post('/start', (_request, response) => void response.json({ success: true }));
  return {
    app,
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters.
    errors: (error: unknown, _request, response, _next) => {
      const code = error instanceof AppError ? error.code : 'INTERNAL';
      response.status(error instanceof AppError ? error.status : 500).json({ old: code });
    },
    isEmbeddable: (path) => path.startsWith('/hls/'),
    close: () => Promise.resolve(),
  };
}

async function listening(ports: Partial<CompatPorts>) {
  const deps: CompatDeps = {
    ...fakeHouse(),
    media: {} as MediaProcess,
    dataDir: '/nowhere',
    openMachine: fakeMachine,
    iceServers: () => [],
  };
  const compat = createCompat(deps, { ...OFF, ...ports }, '127.0.0.1', { sparka: oldSystem });
  onTestFinished(() => compat.close());
  return compat.listen();
}

describe('the listeners of older systems', () => {
  it('are off without a port, and are one for each port of a list', async () => {
    expect(await listening({})).toEqual(OFF);
    const { sparka } = await listening({ sparka: [0, 0] });
    expect(new Set(sparka).size).toBe(2);
    for (const port of sparka) expect((await send(port, 'POST', '/start')).json).toEqual({ success: true });
  });

  it('refuse foreign names, pages of other sites and unknown addresses in the form of their system', async () => {
    const {
      sparka: [port = 0],
    } = await listening({ sparka: [0] });
    const foreign = { code: 403, body: { old: 'REQUEST_FOREIGN' } };
    const asked = [
      [await send(port, 'POST', '/start', { headers: { host: 'evil.test' } }), foreign],
      [await send(port, 'POST', '/start', { headers: { origin: 'https://evil.test' } }), foreign],
      [await send(port, 'GET', '/nothing'), { code: 404, body: { old: 'ROUTE_NOT_FOUND' } }],
    ] as const;
    for (const [{ status, json }, { code, body }] of asked) expect([status, json]).toEqual([code, body]);
  });

  it('name their setting when a port is taken, and leave none open', async () => {
    const {
      sparka: [port = 0],
    } = await listening({ sparka: [0] });
    await expect(listening({ sparka: [port] })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      cure: expect.stringContaining('COMPAT_SPARKA_PORT') as unknown,
    });
  });
});
