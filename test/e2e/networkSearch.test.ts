import { expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { startAppRig } from '../support/installation/appRig.js';
import { fakeDevice } from '../support/onvif/fakeDevice.js';

const LOGIN = { user: 'admin', password: 'geheim99' };

it(
  'the whole program finds a camera by its typed address, and keeps no password of the search',
  { timeout: 120_000 },
  async () => {
    const camera = await fakeDevice({ login: LOGIN, aheadS: -7_200, uriOf: (token) => `rtsp://10.9.9.9/${token}` });
    const other = await fakeDevice({ login: { ...LOGIN, password: 'another1' }, checks: 'digest' });
    const rig = await startAppRig({
      fleet: makeFleet({ cameras: 1, seed: 'search' }),
      environment: { SOURCE_NETWORKS: '127.0.0.0/8' },
    });
    onTestFinished(() => rig.stop());
    const body = { addresses: [camera.address, other.address, '169.254.169.254'], ...LOGIN };
    const { status, json } = await rig.post('/api/discovery/network', body);
    expect(status).toBe(200);
    const report = json as { pass: string; found: { address: string; problem: string | null }[] };
    const of = (address: string): unknown => report.found.find((device) => device.address === address);
    expect(of(camera.address)).toMatchObject({
      ...{ name: 'Acme Bullet 2', problem: null },
      streams: [
        { codec: 'H265', width: 2560, url: 'rtsp://127.0.0.1/main' },
        { codec: 'H264', width: 640, url: 'rtsp://127.0.0.1/sub' },
      ],
    });
    expect(of(other.address)).toMatchObject({
      streams: [],
      problem: 'The device refuses this user or password for ONVIF.',
    });
    expect(of('169.254.169.254')).toMatchObject({
      streams: [],
      problem: expect.stringContaining('may not connect') as string,
    });
    const pass = await rig.get(`/api/pass/${report.pass}`);
    expect(pass.json).toMatchObject({ pass: { job: 'network', state: 'succeeded', total: 3, done: 1, failed: 2 } });
    const said = rig.logLines.join('\n') + rig.exchanges.map(({ reply }) => reply.text).join('\n');
    expect(said).not.toContain(LOGIN.password);
  },
);
