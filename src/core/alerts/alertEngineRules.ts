import { targetOf } from '../streams/pullTarget.js';
import type { CameraId } from '../camera/camera.js';
import type { StreamRefusal } from '../health/health.js';
import type { AlertFacts, Trouble } from './alert.js';
import type { AlertSettings } from './alertSettings.js';

const MINUTE_MS = 60_000;
/** A message names this many cameras at most; the page shows all. */
const NAMES_SHOWN = 10;

/** Troubles of a media server that answers: cameras that it refuses, and a fault that it can work with only for a while. */
export function engineTroubles(facts: AlertFacts, settings: AlertSettings): readonly Trouble[] {
  const holdMs = settings.unreachableMinutes * MINUTE_MS;
  return [...refusedTroubles(facts, holdMs), ...degradedTroubles(facts, settings.cameraDarkMinutes * MINUTE_MS)];
}

function refusedTroubles({ refusedStreams, cameras }: AlertFacts, holdMs: number): readonly Trouble[] {
  const refused = cameras.flatMap((camera) => {
    const refusal = refusedStreams.get(camera.id);
    return refusal && camera.enabled ? [{ camera, refusal }] : [];
  });
  if (refused.length === 0) return [];
  const reasons = new Map(refused.map(({ refusal }) => [`${refusal.message} ${refusal.cure}`, refusal]));
  const named = refused.slice(0, NAMES_SHOWN).map(({ camera }) => camera.name);
  const more = refused.length > NAMES_SHOWN ? ` and ${refused.length - NAMES_SHOWN} more` : '';
  const [only] = refused;
  return [
    {
      rule: 'stream-refused',
      subject: { kind: 'engine', id: 'streams', name: 'the media server' },
      severity: refused.length === refusedOrServed(cameras, refusedStreams) ? 'critical' : 'warning',
      title:
        refused.length === 1 && only
          ? `The media server does not serve ${only.camera.name}`
          : `The media server does not serve ${refused.length} cameras`,
      text: `Nobody can watch ${named.join(', ')}${more}. ${[...reasons.keys()].slice(0, 3).join(' ')}`,
      since: null,
      holdMs,
      cameraIds: refused.map(({ camera }) => camera.id),
    },
  ];
}

/** How many cameras camlease sets in the media server, roughly: the enabled ones that have something to pull or are refused. */
function refusedOrServed(cameras: AlertFacts['cameras'], refused: ReadonlyMap<CameraId, StreamRefusal>): number {
  return cameras.filter((camera) => camera.enabled && (targetOf(camera) !== null || refused.has(camera.id))).length;
}

function degradedTroubles({ engineDegraded }: AlertFacts, holdMs: number): readonly Trouble[] {
  if (engineDegraded === null) return [];
  return [
    {
      rule: 'engine-degraded',
      subject: { kind: 'engine', id: 'work', name: 'the media server' },
      severity: 'warning',
      title: 'The media server works, but not as it should',
      text: engineDegraded,
      since: null,
      holdMs,
      cameraIds: [],
    },
  ];
}
