import type { Camera } from '../../core/camera/camera.js';
import { isCloudCamera, isUnidentified } from '../../core/camera/cameraSource.js';
import { liveVerdict, type StreamRefusal } from '../../core/health/health.js';
import { refusedNow, troubleNow } from '../cameras/refusedNow.js';
import { targetOf } from '../../core/streams/pullTarget.js';
import type { HttpDeps } from '../route/deps.js';

/** More names than this belong in the list of cameras. */
const NAMES_SHOWN = 5;
const REASONS_SHOWN = 3;

type Deps = Pick<HttpDeps, 'cameras' | 'jobs' | 'outages' | 'clock'>;

/** What the media server refuses, in words; null: nothing. `areAll`: it serves no camera at all. */
export function refusedCameras({
  cameras,
  jobs,
}: Pick<Deps, 'cameras' | 'jobs'>): { readonly sentence: string; readonly areAll: boolean } | null {
  const { refused } = jobs.engineState();
  if (refused.size === 0) return null;
  const told = [...cameras.peekAll()].filter(
    (camera) => camera.enabled && (targetOf(camera) !== null || refused.has(camera.id)),
  );
  const found = told.flatMap((camera) => {
    const refusal = refused.get(camera.id);
    return refusal ? [{ camera, refusal }] : [];
  });
  if (found.length === 0) return null;
  const names = namesOf(found.map(({ camera }) => camera.name));
  const reasons = [...new Set(found.map(({ refusal }) => reasonOf(refusal)))];
  const sentence = `The media server does not serve ${found.length} of ${told.length} cameras: ${names}. ${reasons.slice(0, REASONS_SHOWN).join(' ')}`;
  return { sentence, areAll: found.length === told.length };
}

/**
 * Cameras that nobody can watch now, with their codes; null: there are none. Cameras that were just found do not count yet. For
 * those that have a lease, the sentence also says why no pictures come.
 */
export function darkCameras(deps: Deps): string | null {
  const now = deps.clock.now();
  let all = 0;
  const dark: string[] = [];
  const why = new Set<string>();
  for (const camera of deps.cameras.peekAll()) {
    if (!camera.enabled || camera.status === 'disabled') continue;
    all += 1;
    const verdict = liveVerdict(camera, now, refusedNow(deps, camera.id));
    if (!verdict.live && !isJustFound(camera)) dark.push(`${camera.name} (${verdict.reason})`);
    const trouble = verdict.live ? troubleNow(deps, camera) : null;
    if (trouble === null) continue;
    dark.push(`${camera.name} (${trouble.code})`);
    why.add(reasonOf(trouble));
  }
  if (dark.length === 0) return null;
  const sentence = `Nobody can watch ${dark.length} of ${all} cameras now: ${namesOf(dark)}.`;
  return [sentence, ...[...why].slice(0, REASONS_SHOWN)].join(' ');
}

function isJustFound(camera: Camera): boolean {
  const { lease, failure, status } = camera;
  const hasNone = isCloudCamera(camera) && !isUnidentified(camera) && lease === null;
  return hasNone && failure === null && status === 'active';
}

function reasonOf({ message, cure }: StreamRefusal): string {
  return `${message} ${cure}`;
}

function namesOf(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return names.slice(0, NAMES_SHOWN).join(', ') + more;
}
