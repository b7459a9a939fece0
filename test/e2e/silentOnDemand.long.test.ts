import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import type { HealthState } from '../../src/core/health/health.js';
import { oneCameraReply } from '../../src/http/shapes/replySchemas.js';
import { outagesReply } from '../../src/http/shapes/statusSchemas.js';
import { until } from '../support/engine/mediamtx.js';
import { mediaMtx, startAppRig, type AppRig } from '../support/installation/appRig.js';

const NAME = 'Camera 0001';

interface Silent {
  readonly rig: AppRig;
  readonly id: string;
  /** Live addresses that the cloud was asked for so far. */
  readonly asked: () => number;
}

/** Its lease was proven; from now on its source takes whoever asks and sends nothing, or refuses. */
async function aSilentCamera(fault: 'no-video' | 'deleted', relay: boolean): Promise<Silent> {
  const fleet = makeFleet({ cameras: 1 });
  const rig = await startAppRig({ fleet, engine: 'mediamtx', lifetimeSeconds: 3_600, relay });
  onTestFinished(() => rig.stop());
  await rig.post('/api/hikvision/initialize');
  const { cameras } = (await rig.get('/api/camera')).json as { cameras: { id: string }[] };
  const [{ id } = { id: '' }] = cameras;
  await until(async () => (await look(rig, id)).lease?.proof === 'proven', 30_000);
  fleet.setCameraFault(NAME, fault, true);
  return { rig, id, asked: () => rig.simulator.calls('live-address').length };
}

async function look(rig: AppRig, id: string): Promise<ReturnType<typeof oneCameraReply.parse>['camera']> {
  return oneCameraReply.parse((await rig.get(`/api/camera/${id}`)).json).camera;
}

async function outages(rig: AppRig): Promise<readonly { reason: string }[]> {
  return outagesReply.parse((await rig.get('/api/outages')).json).outages;
}

/** What a browser offers that wants to see a camera. Nobody answers it: the source is what is missing. */
const OFFER = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0'],
  ...['a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuvwx', 'a=setup:actpass', 'a=mid:0', 'a=recvonly'],
  ...['a=rtcp-mux', 'a=rtpmap:96 H264/90000', `a=fingerprint:sha-256 ${Array(32).fill('AA').join(':')}`, ''],
].join('\r\n');

type Links = ReturnType<typeof oneCameraReply.parse>['camera']['links'];

const byWebrtc = ({ webrtcUrl }: Links, signal: AbortSignal): Promise<Response> => {
  const headers = { 'content-type': 'application/sdp' };
  return fetch(`${webrtcUrl}/whep`, { method: 'POST', headers, body: OFFER, signal });
};
/** Until the first piece is there MediaMTX has this viewer in no list. */
const byHls = ({ hlsUrl }: Links, signal: AbortSignal): Promise<Response> => fetch(hlsUrl, { signal });

/** Somebody presses play again and again, as the page does, until the returned function is called. */
function keepAsking(links: Links, by: typeof byHls): () => Promise<void> {
  const left = new AbortController();
  const { signal } = left;
  const ask = async (): Promise<void> => {
    while (!signal.aborted) {
      await by(links, signal)
        .then((reply) => reply.text())
        .catch(() => undefined);
    }
  };
  const asking = ask();
  return () => (left.abort(), asking);
}

describe.skipIf(mediaMtx === null)('an on-demand camera of a real MediaMTX whose source', () => {
  test.each([
    ['takes whoever asks and sends nothing', 'no-video', 'WebRTC through the relay', byWebrtc],
    ['refuses', 'deleted', 'WebRTC through the relay', byWebrtc],
    ['takes whoever asks and sends nothing', 'no-video', 'HLS without a relay', byHls],
  ] as const)(
    '%s (%s) has an outage while somebody asks by %s, is never called well from then on, and another lease is asked for',
    async (_, fault, way, by) => {
      const { rig, id, asked } = await aSilentCamera(fault, way.endsWith('the relay'));
      const before = asked();
      const begun = performance.now();
      const leave = keepAsking((await look(rig, id)).links, by);
      onTestFinished(leave);
      const said: HealthState[] = [];
      const listen = async (): Promise<HealthState> => {
        const { health } = await look(rig, id);
        if (health.state !== said.at(-1)) said.push(health.state);
        return health.state;
      };
      await until(async () => (await listen()) === 'dark' && (await outages(rig)).length > 0, 50_000);
      const untilDark = said.splice(0);
      expect(untilDark).not.toContain('healthy');
      // Two starts that MediaMTX gave up.
      await until(async () => (await listen(), performance.now() - begun > 32_000), 40_000);
      await leave();
      await until(async () => (await listen(), asked() > before), 25_000);
      expect(said).toEqual(['dark']);
      expect((await outages(rig)).length).toBe(1);
    },
    120_000,
  );
});
