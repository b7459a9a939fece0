import { listAccounts, tryAccount } from './accounts/account.js';
import { addMaintenance, endMaintenance, listAlerts, listMaintenance, testAlerts } from './alerts/alerts.js';
import { changeCamera, createCamera, getCamera, listCameras, removeCamera } from './cameras/camera.js';
import { disableCamera, enableCamera, hikvisionStatus } from './cameras/hikvisionGuide.js';
import { live } from './cameras/live.js';
import { plan } from './cameras/plan.js';
import type { Seen } from './cameras/seenStreams.js';
import { getImage, imageFile, putImage, removeImage } from './pictures/image.js';
import { guideSnapshots, latestSnapshot, snapshotDates } from './pictures/guideSnapshots.js';
import { getSnapshot } from './pictures/snapshot.js';
import { listSnapshots, snapshotFile } from './pictures/snapshotDays.js';
import { docsPage, openApi } from './docs/docs.js';
import type { OpenApiDocument } from './docs/openApi.js';
import type { EventFeed } from './events/eventFeed.js';
import { listEvents, streamEvents } from './events/events.js';
import { hlsFile, whepClose, whepOffer } from './page/embeddedMedia.js';
import { dashboardPage, webrtcPage } from './page/page.js';
import { importCameras } from './feeds/importCameras.js';
import { searchNetwork } from './feeds/searchNetwork.js';
import { listFeeds } from './feeds/feeds.js';
import { initialize, renew } from './passes/startPass.js';
import { getPass } from './passes/pass.js';
import type { HttpDeps } from './route/deps.js';
import type { Endpoint, Method, Needs, Route } from './route/route.js';
import { getAvailability } from './status/availability.js';
import { getForecast } from './status/forecast.js';
import { health, ready } from './status/health.js';
import { metrics } from './status/metrics.js';
import { listOutages } from './status/outages.js';

/** What handlers are made with: what the house hands in, and what they share. */
export interface RouteDeps extends HttpDeps {
  readonly seen: () => Promise<Seen>;
  readonly feed: EventFeed;
  readonly document: OpenApiDocument;
}

/** Every route, in the order of the OpenAPI document. */
export const ROUTES: ReadonlyArray<Route<RouteDeps>> = [
  route('post', '/api/hikvision/initialize', initialize, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('post', '/api/hikvision/renew', renew, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('get', '/api/hikvision/status', hikvisionStatus, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('patch', '/api/hikvision/camera/:id/enable', enableCamera, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('patch', '/api/hikvision/camera/:id/disable', disableCamera, {
    kind: 'write',
    cost: 'change',
    right: 'anybody',
  }),
  route('get', '/api/camera', listCameras, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('post', '/api/camera', createCamera, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('get', '/api/camera/:id', getCamera, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('put', '/api/camera/:id', changeCamera, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('delete', '/api/camera/:id', removeCamera, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('get', '/api/camera/:id/events', listEvents, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/events', streamEvents, { kind: 'stream', cost: 'none', right: 'anybody' }),
  route('get', '/api/outages', listOutages, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/availability', getAvailability, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/forecast', getForecast, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('post', '/api/plan', plan, { kind: 'read', cost: 'plan', right: 'anybody' }),
  route('get', '/api/camera/:id/live', live, { kind: 'hot', cost: 'none', right: 'anybody' }),
  route('get', '/api/camera/:id/snapshot', getSnapshot, {
    kind: 'read',
    cost: 'turn',
    right: 'anybody',
    embeddable: true,
  }),
  route('get', '/api/camera/:id/image', getImage, { kind: 'read', cost: 'turn', right: 'anybody', embeddable: true }),
  route('put', '/api/camera/:id/image', putImage, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('delete', '/api/camera/:id/image', removeImage, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('get', '/images/:file', imageFile, { kind: 'read', cost: 'turn', right: 'anybody', embeddable: true }),
  route('get', '/api/camera/:id/snapshots', listSnapshots, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/images/:id/:file', snapshotFile, { kind: 'read', cost: 'turn', right: 'anybody', embeddable: true }),
  route('get', '/api/snapshots/camera/:id', guideSnapshots, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/snapshots/camera/:id/dates', snapshotDates, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/snapshots/latest/:id', latestSnapshot, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/snapshots/:id', guideSnapshots, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/alerts', listAlerts, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('post', '/api/alerts/test', testAlerts, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('get', '/api/maintenance', listMaintenance, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('post', '/api/maintenance', addMaintenance, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('delete', '/api/maintenance/:id', endMaintenance, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('get', '/api/pass/:id', getPass, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/account', listAccounts, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('post', '/api/account/try', tryAccount, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('post', '/api/camera/import', importCameras, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('post', '/api/discovery/network', searchNetwork, { kind: 'write', cost: 'change', right: 'anybody' }),
  route('get', '/api/feed', listFeeds, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/openapi.json', openApi, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/api/docs', docsPage, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/health', health, { kind: 'hot', cost: 'none', right: 'anybody', embeddable: true, anyHost: true }),
  route('get', '/ready', ready, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/metrics', metrics, { kind: 'read', cost: 'turn', right: 'anybody', anyHost: true }),
  route('get', '/', dashboardPage, { kind: 'read', cost: 'turn', right: 'anybody' }),
  route('get', '/hls/:id/:file', hlsFile, { kind: 'hot', cost: 'none', right: 'anybody', embeddable: true }),
  route('get', '/webrtc/:id', webrtcPage, { kind: 'read', cost: 'turn', right: 'anybody', embeddable: true }),
  route('post', '/webrtc/:id/whep', whepOffer, { kind: 'media', cost: 'none', right: 'anybody' }),
  route('delete', '/webrtc/:id/whep/:session', whepClose, { kind: 'media', cost: 'none', right: 'anybody' }),
];

function route(method: Method, path: string, of: Endpoint<RouteDeps>, needs: Needs): Route<RouteDeps> {
  return { method, path, needs, contract: of.contract, handler: of.handler };
}
