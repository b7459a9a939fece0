import { AppError } from '../../core/errors.js';
import type { EngineStatus } from '../mediaEngine.js';
import type { EngineParts } from './engineParts.js';
import { HANGS, NOT_ARRIVING, sentenceOf, SLOW } from './sentences.js';

/** How the engine is, with the most pressing problem; `parts` is null before its start. */
export function engineStatus(parts: EngineParts | null, { relay }: { readonly relay: string | null }): EngineStatus {
  const version = parts?.watch.version ?? null;
  if (!parts) return { kind: 'mediamtx', version, ready: false, problem: 'The engine was not started.' };
  const { watch, supervisor, file, writer, feederWatch, servedLinks, otherInstallation } = parts;
  if (watch.failure === null) {
    const dark = feederWatch.darkCameras().length > 0 ? NOT_ARRIVING : null;
    const slow = writer.fileIsRead ? null : SLOW;
    const others = otherInstallation.problem;
    const problem = others ?? file.problem ?? dark ?? relay ?? servedLinks.problem ?? slow;
    return { kind: 'mediamtx', version, ready: true, problem };
  }
  const problem = supervisor?.problem ?? (watch.hangs ? HANGS : failureSentence(watch.failure, file.problem));
  return { kind: 'mediamtx', version, ready: false, problem, ...(watch.awayMs !== null && { awayMs: watch.awayMs }) };
}

/** Where our users cannot get into the file, that is why MediaMTX does not let us in: its general cure would mislead. */
function failureSentence(failure: Error, fileProblem: string | null): string {
  const isLocked = failure instanceof AppError && failure.code === 'ENGINE_LOCKED';
  return isLocked && fileProblem !== null ? `${failure.message} ${fileProblem}` : sentenceOf(failure);
}
