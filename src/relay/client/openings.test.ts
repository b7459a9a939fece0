import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freeTcpPort } from '../../../simulator/demo/freePorts.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { systemClock } from '../../systemClock.js';
import type { ControlAddress } from './controlClient.js';
import { Openings } from './openings.js';

const TARGET: PullTarget = {
  ...{ url: 'rtsp://10.0.0.9/gate', givenBy: 'person', revision: 1, endsAt: null, tracks: null },
};
const OUTCOME = { reason: 'login', code: null };

/** `addresses`: where the host says that the relay is, one after the other; the last one stays. */
function openingsAt(addresses: readonly (ControlAddress | null)[]): Openings {
  const left = [...addresses];
  const find = (): ControlAddress | null => (left.length > 1 ? (left.shift() ?? null) : (left[0] ?? null));
  const openings = new Openings({ find, cure: 'Start it.' }, systemClock);
  onTestFinished(() => openings.close());
  return openings;
}

async function relayAt(port: number): Promise<void> {
  const server = createServer((_request, response) => void response.end(JSON.stringify(OUTCOME)));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

describe('an opening', () => {
  it('waits for a relay that is just being started: first without an address, then without a listener', async () => {
    const port = await freeTcpPort();
    const address = { url: `http://127.0.0.1:${port}`, secret: 'secret' };
    const openings = openingsAt([null, null, address]);
    const found = openings.open(TARGET, new AbortController().signal);
    systemClock.after(800, () => void relayAt(port));
    expect(await found).toEqual(OUTCOME);
  });

  it('ends with its signal while no relay is there', async () => {
    const abort = new AbortController();
    const found = openingsAt([null]).open(TARGET, abort.signal);
    abort.abort(new Error('the client left'));
    await expect(found).rejects.toThrow('the client left');
  });
});
