import { CAMERA_NAMED } from '../../src/core/camera/cameraIdForm';
import { element } from './dom';
import { showFleet } from './fleet';
import type { Transport } from './player/player';
import { showSingle } from './single';

const root = element('div', { id: 'page' });
document.body.append(root);

const query = new URLSearchParams(window.location.search);
const cameraId = query.get('camera') ?? cameraInPath(window.location.pathname);

if (cameraId === null) showFleet(root);
else showSingle(root, cameraId, transportOf(query.get('play')));

// A page that the browser restores from its cache has closed its streams, so it is loaded again.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});

function transportOf(text: string | null): Transport | null {
  return text === 'webrtc' || text === 'hls' ? text : null;
}

/** The camera of the embedded engine's page, `/webrtc/<camera>`; null: another path. */
function cameraInPath(path: string): string | null {
  const named = /^\/webrtc\/([^/]+)\/?$/.exec(path)?.[1];
  return named !== undefined && CAMERA_NAMED.test(named) ? named : null;
}
