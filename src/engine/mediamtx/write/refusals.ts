import type { CameraId } from '../../../core/camera/camera.js';
import type { RefusedStream } from '../../mediaEngine.js';
import { cameraOfPath } from '../paths/pathConfig.js';
import type { WriteReport } from './writer.js';

/** The refusals of a write: cameras whose path name is taken, then cameras whose paths MediaMTX refused. */
export function refusedBy({ foreign, refused }: Pick<WriteReport, 'foreign' | 'refused'>): readonly RefusedStream[] {
  const taken = foreign.map((name) => ({ cameraId: cameraOfPath(name), ...PATH_TAKEN }));
  const left = [...refused].map(([name, reason]) => ({ cameraId: cameraOfPath(name), ...refusalOf(reason) }));
  return [...taken, ...left];
}

/** Keeps each camera's first refusal, since its other paths fail for the same reason or because of it. */
export function onePerCamera(refused: readonly RefusedStream[]): readonly RefusedStream[] {
  const byCamera = new Map<CameraId, RefusedStream>();
  for (const refusal of refused) if (!byCamera.has(refusal.cameraId)) byCamera.set(refusal.cameraId, refusal);
  return [...byCamera.values()];
}

const PATH_TAKEN = {
  code: 'PATH_TAKEN',
  message: "A path with this camera's name is in MediaMTX already, and camlease did not make it.",
  cure: 'Rename or remove that path in mediamtx.yml; camlease does not change paths that it did not make.',
} as const;

/** MediaMTX v1.20 quotes the names of settings in its reasons, but also values (`'publisher'`). */
const SETTING = /['`]([a-z]+[A-Z][A-Za-z0-9]*|forward|record|fallback)['`]/g;
/** Reasons in which MediaMTX misspells the setting or does not name it, with the setting that is meant. */
const MEANT: ReadonlyArray<readonly [RegExp, string]> = [
  [/'readRTPassphrase'/, 'srtReadPassphrase'],
  [/'srtPublishPassphase'/, 'srtPublishPassphrase'],
  [/maximum segment duration/, 'recordSegmentDuration'],
  [/not a valid RTSP URL/, 'fallback'],
];

function settingsIn(reason: string): readonly string[] {
  const meant = MEANT.flatMap(([words, setting]) => (words.test(reason) ? [setting] : []));
  return meant.length > 0 ? meant : [...new Set([...reason.matchAll(SETTING)].map(([, name = '']) => name))];
}

/** `reason`: MediaMTX's own sentence. */
function refusalOf(reason: string): Pick<RefusedStream, 'code' | 'message' | 'cure'> {
  const settings = settingsIn(reason);
  if (settings.length === 0) return { code: 'ENGINE_REFUSED_PATH', message: reason, cure: 'See the log of MediaMTX.' };
  const all = settings.join(', ');
  return {
    code: 'ENGINE_REFUSED_SETTING',
    message: `${reason} The setting in the way: ${all}.`,
    cure: `Remove ${all} from pathDefaults in mediamtx.yml, and write it at the paths that need it; or correct its value.`,
  };
}
