import { NoAnswer, type CloudCall, type Endpoint } from '../cloud/cloudServer.js';
import { Refusal } from '../cloud/fields.js';
import { LONGEST_LIFE_SECONDS, SHORTEST_LIFE_SECONDS } from '../cloud/liveUrls.js';
import type { SimulatedCamera } from '../fleet.js';
import { ACME_FORM } from './acmeUrls.js';

const LARGEST_PAGE = 100;
const STILL_LIFE_SECONDS = 600;

function endpoint(kind: Endpoint['kind'], run: Endpoint['run']): Endpoint {
  return { method: 'POST', kind, tokens: ['acme'], run };
}

/** Listing, live URLs and still pictures of the Acme cloud. */
export const acmeCameras: Readonly<Record<string, Endpoint>> = {
  '/v1/cameras': endpoint('camera-list', ({ world, account, fields, note }) => {
    const size = fields.integerWithin('size', 1, LARGEST_PAGE, LARGEST_PAGE);
    const page = fields.integerWithin('page', 1, 100_000, 1);
    note({ page });
    const listed = world.fleet.cameras(account.name).filter(({ faults }) => !faults.has('unlisted'));
    return { total: listed.length, cameras: listed.slice((page - 1) * size, page * size).map(record) };
  }),
  '/v1/streams/open': endpoint('live-address', (call) => {
    const { world, account, fields, note } = call;
    const quality = fields.requiredText('grade') === 'high' ? 1 : 2;
    const lifetimeSeconds = fields.integerWithin('seconds', SHORTEST_LIFE_SECONDS, LONGEST_LIFE_SECONDS, null);
    note({ quality });
    const camera = reachable(call);
    if (camera.faults.has('encrypted')) throw new Refusal('E-202');
    if (account.faults.has('quota')) throw new Refusal('E-301');
    const asked = { camera, protocol: 3, quality, lifetimeSeconds, mark: null, form: ACME_FORM } as const;
    const { id, url, expiresAt } = world.urls.give(asked);
    note({ urlId: id });
    return { ref: id, href: url, until: expiresAt.getTime() };
  }),
  '/v1/streams/close': endpoint('disable-address', ({ world, fields, note }) => {
    const urlId = fields.requiredText('ref');
    world.urls.disable(urlId);
    note({ urlId });
    return {};
  }),
  '/v1/stills/take': endpoint('capture', (call) => {
    const camera = reachable(call);
    if (camera.faults.has('encrypted')) return { sealed: true };
    const path = call.world.pictures.take(camera, STILL_LIFE_SECONDS);
    return { sealed: false, href: call.world.areaUrl('acme', call.account.region) + path };
  }),
};

function record({ serial, channel, name, faults }: SimulatedCamera): object {
  return {
    serial,
    ...(!faults.has('odd-record') && { input: channel }),
    title: name,
    live: !faults.has('offline'),
    sealed: faults.has('encrypted'),
  };
}

function reachable({ world, account, fields, note }: CloudCall): SimulatedCamera {
  const ref = `${fields.requiredText('serial')}_${fields.integerWithin('input', 1, 10_000, null)}`;
  const camera = world.fleet.cameraAt(ref);
  if (camera?.account !== account.name) throw new Refusal('E-200');
  note({ camera: ref });
  if (camera.faults.has('hang')) throw new NoAnswer();
  if (camera.faults.has('deleted')) throw new Refusal('E-200');
  if (camera.faults.has('offline')) throw new Refusal('E-201');
  if (camera.faults.has('timeout')) throw new Refusal('E-203');
  return camera;
}
