import { dirname } from 'node:path';
import { utcTime } from '../../../core/zonedTime.js';
import type { Suspects } from './suspectEdit.js';

/** What can be wrong with MediaMTX's file, the most pressing first. */
const TROUBLES = ['unreadable', 'obstacle', 'needed', 'aside', 'restless', 'lost', 'edit'] as const;
export type FileTrouble = (typeof TROUBLES)[number];

/** Troubles with which the file cannot be written. */
const STOPPING: readonly FileTrouble[] = ['unreadable', 'obstacle', 'needed'];

/** Troubles that may keep MediaMTX from running. */
const DEADLY: readonly FileTrouble[] = ['aside', 'unreadable'];

/** The present troubles of MediaMTX's file, each with its sentence. */
export class FileTroubles {
  readonly #sentences = new Map<FileTrouble, string>();

  /** Records a trouble. True: this sentence is new, so the caller logs it. */
  record(trouble: FileTrouble, sentence: string): boolean {
    const isNew = this.#sentences.get(trouble) !== sentence;
    this.#sentences.set(trouble, sentence);
    return isNew;
  }

  over(...troubles: readonly FileTrouble[]): void {
    for (const trouble of troubles) this.#sentences.delete(trouble);
  }

  has(trouble: FileTrouble): boolean {
    return this.#sentences.has(trouble);
  }

  get stopsWrites(): boolean {
    return STOPPING.some((trouble) => this.#sentences.has(trouble));
  }

  get first(): string | null {
    return this.#firstOf(TROUBLES);
  }

  /** The trouble that may have made MediaMTX exit; null: none is known. */
  get deadly(): string | null {
    return this.#firstOf(DEADLY);
  }

  #firstOf(troubles: readonly FileTrouble[]): string | null {
    const trouble = troubles.find((name) => this.#sentences.has(name));
    return trouble === undefined ? null : (this.#sentences.get(trouble) ?? null);
  }
}

const BY_API =
  "Until then MediaMTX's paths are changed by its API alone, which is slower, and after a restart MediaMTX first serves what the file contains.";

/** `reason`: a clause that quotes nothing of the file, which may hold secrets. */
export function unreadableSentence(path: string, reason: string): string {
  return `${path} is left as it is, because camlease cannot tell with certainty which lines are its own: ${reason}. ${BY_API} Correct the file; camlease reads it again by itself.`;
}

export function encryptedSentence(path: string): string {
  return `${path} seems to be encrypted (MTX_CONFKEY), so it is left as it is. ${BY_API} Give MediaMTX a file that is not encrypted, readable by it and by camlease alone.`;
}

export function neededSentence(path: string, reason: string): string {
  return `${path} cannot be written: ${reason}. ${BY_API} Move that anchor to a line that is no camera's.`;
}

export function asideSentence(path: string, aside: string, reason: string): string {
  return `MediaMTX does not run with ${path} (${reason}). A copy of it is ${aside}, and the last good file is back in its place. Correct a copy of it and put that in place.`;
}

export function restlessSentence(path: string): string {
  return `Another program keeps writing ${path}, so camlease does not write it: MediaMTX's paths are changed by its API alone, which is slower. Find and stop that program; camlease goes on once the file has not changed for some seconds.`;
}

export function lostSentence(path: string, names: readonly string[], copy: string): string {
  return `${path} was changed, and these settings or paths are missing now: ${listed(names)}. If that was a mistake, copy them back from ${copy}, which has the text as it was before.`;
}

function listed(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return names.slice(0, 5).join(', ') + more;
}

/** Names settings alone, never their values, which may hold passwords. */
export function suspectSentence(path: string, { since, names }: Suspects): string {
  return `MediaMTX has not answered since ${utcTime(since)}. Just before, these settings of ${path} were changed: ${listed(names)}. Undo that, or see what the log of MediaMTX says about them, and start MediaMTX again if it ended.`;
}

/** Why a file cannot be replaced, by the system's error code (`EACCES`, …) or a code of `tryReplace` (`EMLINK`, `EACL`). */
export function obstacleSentence(path: string, target: string, code: string): string {
  const folder = dirname(target);
  switch (code) {
    case 'EBUSY':
    case 'EXDEV':
      return `${path} cannot be written, because it is mounted as a single file. ${BY_API} Mount its folder instead of the file.`;
    case 'EMLINK':
      return `${path} is not written, because it has another name (a hard link), which would keep the old text. ${BY_API} Make one of the two a symbolic link.`;
    case 'EACL':
      return `${path} is not written, because it has an access list (ACL), which a new file in its place would not have. ${BY_API} Let MediaMTX read the file by its owner or group and take the list away with setfacl -b, or give the folder a default list with the same rights.`;
    case 'EROFS':
      return `${path} cannot be written, because its file system is read-only. ${BY_API} Let MEDIAMTX_CONFIG_PATH name a file in a folder that camlease may write into, and start MediaMTX with that file.`;
    case 'EPERM':
      return `${path} is not written, because it belongs to another user or group and could not keep that. ${BY_API} Give it to the user that camlease runs as, and let MediaMTX read it by its group.`;
    default:
      return `${path} cannot be written, because camlease may not write into ${folder} (${code}). ${BY_API} Let the user that camlease runs as write into that folder.`;
  }
}

const OBSTACLES = ['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV', 'EMLINK', 'EACL', 'ENOENT', 'ENOTDIR'];

/** True for an error code of the file's place, which a retry does not cure. */
export function isObstacle(code: string | null): code is string {
  return code !== null && OBSTACLES.includes(code);
}

export function openToAllSentence(path: string): string {
  return `${path} can be read by every user of this machine, and the live URLs of cameras stand in it. Take that away with chmod o-rwx, if MediaMTX runs as its owner or in its group.`;
}
