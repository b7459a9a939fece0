import { describe, expect, inject, it } from 'vitest';
import { CAMERAS, startAwayRig } from '../support/installation/mongoAwayRig.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const mongo = nodeAvFor('MongoDB that goes away') ? inject('mongodbUri') : null;

describe.skipIf(mongo === null)('a MongoDB that goes away', () => {
  it('and hangs keeps neither lists nor a stop waiting', { timeout: 120_000 }, async () => {
    const { proxy, start } = await startAwayRig(mongo ?? '');
    const { program, cameras, url } = await start();
    await fetch(`${url}/api/hikvision/initialize`, { method: 'POST' });
    proxy.set('hanging');
    const begunMs = performance.now();
    expect(await cameras()).toHaveLength(CAMERAS);
    expect(performance.now() - begunMs).toBeLessThan(5_000);
    const stopMs = performance.now();
    await program.stop('SIGTERM');
    expect(performance.now() - stopMs).toBeLessThan(13_000);
  });

  it('at start is said on page and port, with its cure, until it is there', { timeout: 120_000 }, async () => {
    const { proxy, launch } = await startAwayRig(mongo ?? '');
    proxy.set('refused');
    const program = launch();
    const [, url = ''] = await program.line(/answers 503 on (http:\/\/[^\s"]+)/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ready = await fetch(`${url}/ready`);
    expect(ready.status).toBe(503);
    const told = (await ready.json()) as { parts: object; error: { code: string; message: string; cure: string } };
    expect(told).toMatchObject({
      ready: false,
      parts: { store: { ready: false } },
      error: { code: 'STORE_UNREACHABLE' },
    });
    expect(told.error.cure).toMatch(/MONGODB_URI/);
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('camlease is waiting for its database');
    expect((await fetch(`${url}/api/camera`)).status).toBe(503);
    proxy.set('open');
    const [, after = ''] = await program.line(/answers on (http:\/\/[^\s"]+)/);
    expect(after).toBe(url);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });
});
