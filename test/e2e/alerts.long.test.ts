import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { alertsReply } from '../../src/http/shapes/alertSchemas.js';
import { startAppRig, until } from '../support/installation/appRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';

interface Hook {
  readonly url: string;
  readonly bodies: string[];
  readonly close: () => void;
}

/** A receiver of webhooks that takes everything. */
async function hook(): Promise<Hook> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hidden-path-of-the-hook`, bodies, close: () => server.close() };
}

describe.skipIf(!chromiumFor('alerts on the page'))('alerts', () => {
  it(
    'tell of an offline camera by webhook and on the page, which tests senders and keeps quiet for an hour',
    { timeout: 300_000 },
    async ({ onTestFinished }) => {
      const receiver = await hook();
      onTestFinished(receiver.close);
      const fleet = makeFleet({
        cameras: 3,
        vendor: 'ezviz',
        seed: 'alerts',
        channelsPerDevice: 1,
        names: ['Gate', 'Yard', 'Hall'],
      });
      fleet.setCameraFault('Gate', 'offline', true);
      const rig = await startAppRig({
        ...{ fleet, page: true, discoverCron: '*/3 * * * * *' },
        alerts: { cameraDarkMinutes: 0, settleMinutes: 0 },
        alertSenders: [
          { kind: 'webhook', name: 'ops', url: receiver.url, secret: null },
          { kind: 'webhook', name: 'nobody', url: 'http://127.0.0.1:1/also-hidden-path', secret: null },
        ],
      });
      onTestFinished(() => rig.stop());
      expect((await rig.post('/api/hikvision/initialize')).status).toBe(200);

      const browser = await launchChromium();
      onTestFinished(() => browser.close());
      const page = await browser.newPage();
      await page.goto(`${rig.url}/#alerts`);
      const panel = page.locator('#alerts');
      await panel.getByText('Gate is dark').first().waitFor({ timeout: 60_000 });

      const sender = (name: string) => panel.locator('li', { has: page.locator('strong', { hasText: name }) });
      await sender('ops').getByRole('button', { name: 'Send a test message' }).click();
      await sender('ops').getByText('The test was sent.').waitFor({ timeout: 30_000 });
      expect(receiver.bodies.some((body) => body.includes('A test of camlease'))).toBe(true);
      await sender('nobody').getByRole('button', { name: 'Send a test message' }).click();
      await sender('nobody')
        .getByText(/The test was not sent: .*nothing listens/)
        .waitFor({ timeout: 40_000 });

      const alerted = (): boolean => receiver.bodies.some((body) => body.includes('Gate is dark'));
      await until(
        'the webhook',
        60_000,
        async () => alerted(),
        (came) => came,
        String,
      );
      await panel.getByRole('button', { name: 'Send no alerts for 1 h' }).click();
      await panel.getByText('everything (Made on the page)').waitFor();
      const before = receiver.bodies.length;
      fleet.setCameraFault('Gate', 'offline', false);
      await until(
        'the recovery',
        60_000,
        async () => alertsReply.parse((await rig.get('/api/alerts')).json),
        ({ open }) => open.every(({ clearing }) => clearing),
        (reply) => JSON.stringify(reply),
      );
      expect(receiver.bodies.length).toBe(before);
      await panel.getByRole('button', { name: 'End this window' }).click();
      await until(
        'its message',
        60_000,
        async () => receiver.bodies.slice(before).join(' '),
        (text) => text.includes('Over: Gate is dark'),
        String,
      );

      const shown = [await page.content(), ...rig.exchanges.map(({ reply }) => reply.text), ...rig.logLines].join('\n');
      expect(shown).not.toContain('hidden-path');
    },
  );
});
