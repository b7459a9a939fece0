import { AppError } from '../../core/errors.js';
import type { EngineStatus } from '../mediaEngine.js';
import type { EngineParts } from './engineParts.js';
import type { ConfigFile } from './file/configFile.js';
import { HANGS, NOT_ARRIVING, sentenceOf, SLOW } from './state/sentences.js';

/** The engine's status with its most pressing problem. `parts`: null before the start. `waiting`: see `EngineStatus.waitForRelay`. */
export function engineStatus(
  parts: EngineParts | null,
  { relay, waiting }: { readonly relay: string | null; readonly waiting: number },
): EngineStatus {
  const version = parts?.watch.version ?? null;
  if (!parts) return { kind: 'mediamtx', version, ready: false, problem: 'The engine was not started.' };
  const { watch, supervisor, file, writer, feederWatch, servedLinks, otherInstallation } = parts;
  if (watch.failure === null) {
    const dark = feederWatch.darkCameras().length > 0 ? NOT_ARRIVING : null;
    const slow = writer.fileIsRead ? null : SLOW;
    const others = otherInstallation.problem;
    const problem = others ?? file.problem ?? dark ?? relay ?? servedLinks.problem ?? slow;
    return { kind: 'mediamtx', version, ready: true, problem, ...(waiting > 0 && { waitForRelay: waiting }) };
  }
  const problem = supervisor?.problem ?? (watch.hangs ? HANGS : failureSentence(watch.failure, file));
  return { kind: 'mediamtx', version, ready: false, problem, ...(watch.awayMs !== null && { awayMs: watch.awayMs }) };
}

/** The file's content may be why MediaMTX does not answer or rejects our login; the general cure alone would mislead then. */
function failureSentence(failure: Error, file: Pick<ConfigFile, 'problem' | 'whyAway'>): string {
  const code = failure instanceof AppError ? failure.code : null;
  if (code === 'ENGINE_LOCKED' && file.problem !== null) return `${failure.message} ${file.problem}`;
  const why = code === 'ENGINE_UNREACHABLE' ? file.whyAway : null;
  return [...(why === null ? [] : [why]), sentenceOf(failure)].join(' ');
}
