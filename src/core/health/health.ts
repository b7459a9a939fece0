import { type Camera, type Failure, isAlwaysPulled } from '../camera/camera.js';
import { isUnidentified, isUrlCamera, neverKind, type UrlCamera } from '../camera/cameraSource.js';
import { RETRIED } from '../errors.js';
import { giverOf, targetRevision } from '../streams/pullTarget.js';
import type { RelayReason, StreamCarrier } from '../streams/relay.js';
import {
  BY_HAND,
  DISABLED,
  EXPIRED,
  MISSING,
  NO_LEASE,
  NO_PICTURE,
  NOTHING_COMES,
  OFFLINE,
  UNIDENTIFIED,
  type CameraTrouble,
} from './cameraTroubles.js';
import { OVER_CAP, relaySentence, relayWords } from './relayReasons.js';
import { refusedSentence, renewalStory, type AccountRefusal, type RenewalStory } from './renewalStory.js';
import { utcTime } from '../zonedTime.js';
import { besideRelay, expiredShown, nothingComesSentence } from './standInWords.js';
import { unwrittenSentence, type WriteRefusal } from './writeRefusal.js';

/**
 * How a camera is.
 * - `healthy`: the picture comes. `idle`: it would come, but nobody watches. `dark`: no picture comes.
 * - `failing`: the picture or the lease is there, and something else fails, such as the renewal.
 * - `unknown`: camlease does not know yet whether a picture comes. `disabled`: the operator switched the camera off.
 */
export type HealthState = 'healthy' | 'idle' | 'failing' | 'dark' | 'unknown' | 'disabled';

/** What the engine reports about a camera. */
export interface SeenStream {
  readonly revision: number | null;
  readonly flow: 'flowing' | 'starting' | 'idle' | 'stopped' | 'unknown';
  /** What carries the pictures to the public path; absent: the media server pulls them by itself, or does not say. */
  readonly carrier?: StreamCarrier;
  /**
   * Why the relay brings no picture, or why its latest pull ended; absent or null: no pull has ended since pictures came,
   * or there is no relay.
   */
  readonly reason?: RelayReason | null;
  /** See `StreamState`. */
  readonly standsIn?: boolean;
  /** See `StreamState`. */
  readonly endedPulls?: number;
  /** People watching now; absent: the engine does not say. */
  readonly viewers?: number;
  /** Bytes of the pull that is open now; starts at 0 with each connection. */
  readonly bytesReceived?: number;
  /** When (monotonic, ms) bytes were last seen to have grown; absent: never. */
  readonly movedMs?: number;
  /** Why the media server refuses the camera as camlease last set it; absent or null: it does not refuse the camera. */
  readonly refused?: StreamRefusal | null;
}

/** Why the media server does not serve a camera as camlease set it. The sentences hold no URL. */
export interface StreamRefusal {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/**
 * Adds to the engine's report about a camera why the engine, or its relay, refuses the camera. `seen` null: the engine reports
 * nothing about it.
 */
export function seenWith(seen: SeenStream | null, refused: StreamRefusal | undefined): SeenStream | null {
  const why = refused ?? (seen?.reason === 'over-cap' ? OVER_CAP : undefined);
  return why === undefined ? seen : { ...(seen ?? NOT_SERVED), refused: why };
}

/** `isSilent`: one pull after another brought nothing from the camera. It then counts as `stopped`, even while nobody watches it. */
export function stoppedBySilence(camera: Camera, seen: SeenStream | null, isSilent: boolean): SeenStream | null {
  if (!isSilent || seen?.flow === 'flowing' || seen?.flow === 'unknown') return seen;
  return { ...(seen ?? { revision: targetRevision(camera) }), flow: 'stopped' };
}

const NOT_SERVED: SeenStream = { revision: null, flow: 'idle' };

export interface CameraHealth {
  readonly state: HealthState;
  /** A vendor's code, or one of camlease's own. */
  readonly reason: string;
  readonly sentence: string;
  /** What camlease does next, or what a person has to do. */
  readonly nextStep: string;
  readonly nextStepAt: Date | null;
}

export interface NotLive {
  readonly live: false;
  readonly reason: string;
  readonly message: string;
  readonly cure: string;
}

export type LiveVerdict = { readonly live: true } | NotLive;

/**
 * The health of a camera, from the store and from the engine's report (`seen` null: the engine reports nothing). The picture
 * decides the state: a camera without a picture is dark, however good its lease is. The sentence names every other trouble
 * too. The next step is that of the renewal's story, so that health and story never contradict each other; where a person has
 * to act first, the next step is the trouble's cure.
 */
export function cameraHealth(
  camera: Camera,
  seen: SeenStream | null,
  now: Date,
  renewal: Pick<RenewalStory, 'nextStep' | 'nextStepAt' | 'fault'> = renewalStory(camera, null, now),
  refusal: Pick<AccountRefusal, 'message' | 'cure'> | null = null,
  unwritten: WriteRefusal | null = null,
): CameraHealth {
  const refused = seen?.refused ?? null;
  const verdict = liveVerdict(camera, now, refused);
  const { nextStep, nextStepAt } = isUrlCamera(camera) ? openingStep(camera) : renewal;
  const trouble = verdict.live ? null : withUnwritten(withRefusal(verdict, refusal), unwritten);
  // The failure of a camera with an address of its own is the trouble itself.
  const failure = isUrlCamera(camera) ? null : (currentFailure(camera) ?? renewal.fault ?? null);
  const others = beside(trouble?.reason ?? null, refused, failure, unwritten);
  const state = trouble === null ? null : stateOfDark(camera, trouble.reason);

  if (state !== 'disabled' && showsPicture(camera, seen)) {
    const first =
      trouble ??
      (failure && { reason: failure.code, message: `renewing the lease fails: ${failure.message}` }) ??
      (unwritten && { reason: unwritten.code, message: unwrittenSentence(unwritten) });
    if (first === null) return { nextStep, nextStepAt, ...flowing(camera, seen) };
    const sentence = [`The picture still plays, but ${asPartOf(first.message)}`, ...others.slice(trouble ? 0 : 1)].join(
      ' ',
    );
    const byHand = refused ?? (first.reason === unwritten?.code ? unwritten : null);
    const next = byHand === null ? { nextStep, nextStepAt } : { nextStep: byHand.cure, nextStepAt: null };
    return { state: 'failing', reason: first.reason, sentence, ...next };
  }
  if (trouble !== null && state !== null) {
    const sentence = [trouble.message, ...others, ...slateBeside(trouble, seen)].join(' ');
    const next = needsHand(camera, trouble, refused, unwritten)
      ? { nextStep: trouble.cure, nextStepAt: null }
      : { nextStep, nextStepAt };
    return { state, reason: trouble.reason, sentence, ...next };
  }
  if (seen?.flow === 'stopped') {
    const sentence = [nothingComesSentence(camera, seen), ...others].join(' ');
    const words = seen.reason ? relayWords(seen.reason, giverOf(camera)) : null;
    const next = words?.isByHand && words.cure !== null ? { nextStep: words.cure, nextStepAt: null } : {};
    return { state: 'dark', reason: NOTHING_COMES.code, sentence, nextStep, nextStepAt, ...next };
  }
  if (failure !== null) {
    const sentence = `The lease is valid, but renewing it fails: ${failure.message}`;
    return { state: 'failing', reason: failure.code, sentence, nextStep, nextStepAt };
  }
  if (unwritten !== null) {
    const told = unwrittenSentence(unwritten);
    const sentence = isUrlCamera(camera) ? capitalized(told) : `The lease is valid, but ${told}`;
    return { state: 'failing', reason: unwritten.code, sentence, nextStep: unwritten.cure, nextStepAt: null };
  }
  return { nextStep, nextStepAt, ...playing(camera, seen) };
}

/** What camlease does next with a camera that has an address of its own, which is opened where others are renewed. */
function openingStep({ failure, source }: UrlCamera): Pick<CameraHealth, 'nextStep' | 'nextStepAt'> {
  if (failure !== null) {
    const helps = failure.cure.startsWith(RETRIED) ? '' : ` What helps: ${failure.cure}`;
    return { nextStep: `camlease opens the camera again.${helps}`, nextStepAt: failure.nextLookAt };
  }
  if (source.openedAt === null) return { nextStep: 'camlease opens it in a moment.', nextStepAt: null };
  return { nextStep: 'While nobody watches, camlease looks at it every 15 minutes.', nextStepAt: null };
}

/** True when bytes come from the camera now, and they are its picture. */
function showsPicture(camera: Camera, seen: SeenStream | null): seen is SeenStream {
  return seen !== null && seen.flow === 'flowing' && seen.revision !== null && !showsSomethingElse(camera);
}

/** True when a proof saw that the bytes are not a picture of the camera: an error clip, or H.265, which cannot be played. */
export function showsSomethingElse({ lease, failure }: Pick<Camera, 'lease' | 'failure'>): boolean {
  return lease?.proof === 'failed' && failure?.failureClass === 'permanent';
}

/** The stored failure; null when camlease got a candidate after it, since the renewal's story then says how that candidate stands. */
function currentFailure({ failure, candidate }: Camera): Failure | null {
  return failure === null || (candidate !== null && candidate.obtainedAt >= failure.at) ? null : failure;
}

/** A sentence for each trouble but the first, whose code is `first`. */
function beside(
  first: string | null,
  refused: StreamRefusal | null,
  failure: Pick<Failure, 'code' | 'message'> | null,
  unwritten: WriteRefusal | null,
): string[] {
  const isUnwrittenNew = unwritten !== null && unwritten.code !== first && unwritten.code !== failure?.code;
  return [
    ...(refused !== null && refused.code !== first ? [refused.message] : []),
    ...(failure !== null && failure.code !== first ? [`Renewing its lease fails, too: ${failure.message}`] : []),
    ...(isUnwrittenNew && first !== null ? [capitalized(unwrittenSentence(unwritten))] : []),
  ];
}

function slateBeside({ reason }: NotLive, seen: SeenStream | null): string[] {
  return reason === EXPIRED.code && seen?.flow === 'stopped' ? expiredShown(seen) : [];
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Makes a sentence the second half of a longer one: it begins in lower case, unless its first word may be a name or a code. */
function asPartOf(sentence: string): string {
  return sentence.replace(/^(?:The|A|An|This|It|No)\b/, (word) => word.toLowerCase());
}

/** True when only a person can bring the picture back: the trouble's cure is then the next step, even if a renewal is planned. */
function needsHand(
  { failure }: Camera,
  { reason }: NotLive,
  refused: StreamRefusal | null,
  unwritten: WriteRefusal | null,
): boolean {
  if (BY_HAND.has(reason) || reason === refused?.code || reason === unwritten?.code) return true;
  return failure?.code === reason && failure.nextLookAt === null;
}

/**
 * Whether a viewer may be sent to the camera: it is enabled and neither missing nor offline, its lease has not expired, the media
 * server accepts its path, and no proof of the lease failed. `refused` null: the media server accepts the path.
 */
export function liveVerdict(camera: Camera, now: Date, refused: StreamRefusal | null = null): LiveVerdict {
  const trouble = troubleOf(camera, now, refused);
  if (trouble === null) return { live: true };
  return { live: false, reason: trouble.code, message: trouble.message, cure: trouble.cure };
}

/**
 * Adds to the verdict of a camera without a living lease why the cloud refuses its account (null: it does not), with the
 * account's cure.
 */
export function withRefusal(verdict: NotLive, refusal: Pick<AccountRefusal, 'message' | 'cure'> | null): NotLive {
  if (refusal === null || (verdict.reason !== NO_LEASE.code && verdict.reason !== EXPIRED.code)) return verdict;
  return { ...verdict, message: `${verdict.message} ${refusedSentence(refusal)}`, cure: refusal.cure };
}

/**
 * Adds to the verdict of a camera without a living lease that the database refuses its writes: camlease asks for a lease only
 * once the claim of the camera is written.
 */
export function withUnwritten(verdict: NotLive, unwritten: WriteRefusal | null): NotLive {
  if (unwritten === null || (verdict.reason !== NO_LEASE.code && verdict.reason !== EXPIRED.code)) return verdict;
  const message = `${verdict.message} ${capitalized(unwrittenSentence(unwritten))}`;
  return { ...verdict, reason: unwritten.code, message, cure: unwritten.cure };
}

function troubleOf(camera: Camera, now: Date, refused: StreamRefusal | null): CameraTrouble | null {
  if (!camera.enabled || camera.status === 'disabled') return DISABLED;
  if (camera.status === 'missing') return MISSING;
  // The vendor's own answer about an offline camera says more than the sentence of `OFFLINE`.
  if (camera.status === 'offline') return camera.failure?.failureClass === 'camera-state' ? camera.failure : OFFLINE;
  switch (camera.source.kind) {
    case 'url':
      return refused ?? camera.failure;
    case 'cloud':
      return leaseTroubleOf(camera, now, refused);
    default:
      return neverKind(camera.source);
  }
}

function leaseTroubleOf(camera: Camera, now: Date, refused: StreamRefusal | null): CameraTrouble | null {
  const lease = camera.lease;
  if (lease === null) return camera.failure ?? (isUnidentified(camera) ? UNIDENTIFIED : NO_LEASE);
  if (lease.expiresAt <= now) return camera.failure ?? (isUnidentified(camera) ? UNIDENTIFIED : EXPIRED);
  // A lease that the media server refuses cannot bring a picture, so its refusal comes before the proof's result.
  if (refused !== null) return refused;
  if (lease.proof === 'failed') return camera.failure ?? NO_PICTURE;
  return null;
}

function stateOfDark({ enabled, status }: Camera, reason: string): 'disabled' | 'unknown' | 'dark' {
  if (!enabled || status === 'disabled') return 'disabled';
  // The camera was just found, and camlease has not asked for its first lease yet: that is no trouble.
  return reason === NO_LEASE.code ? 'unknown' : 'dark';
}

type Playing = Pick<CameraHealth, 'state' | 'reason' | 'sentence'> &
  Partial<Pick<CameraHealth, 'nextStep' | 'nextStepAt'>>;

function playing(camera: Camera, seen: SeenStream | null): Playing {
  if (seen === null || seen.revision === null) {
    return {
      state: 'unknown',
      reason: 'NOT_SERVED_YET',
      sentence: `${isUrlCamera(camera) ? 'The address is known' : 'The lease is valid'}; the media server does not serve it yet.`,
    };
  }
  switch (seen.flow) {
    case 'flowing':
      return flowing(camera, seen);
    case 'starting':
      return { state: isSeen(camera) ? 'idle' : 'unknown', reason: 'STARTING', sentence: starting(camera, seen) };
    case 'stopped':
      return { state: 'dark', reason: NOTHING_COMES.code, sentence: nothingComesSentence(camera, seen) };
    case 'unknown':
      return {
        state: 'unknown',
        reason: 'ENGINE_UNREACHABLE',
        sentence: 'The media server does not report whether the picture plays.',
      };
    case 'idle':
      return idle(camera, seen);
  }
}

/** The sentence says that somebody watches only if a pull means that: a camera that is always pulled is pulled without viewers too. */
function starting(camera: Camera, seen: SeenStream): string {
  const { reason = null } = seen;
  const watched = isAlwaysPulled(camera.mode) ? '' : 'Somebody watches; ';
  const beside = besideRelay(seen);
  if (beside !== '') return capitalized(`${watched}the picture is about to start.${beside}`);
  const sentence = reason === null ? 'the picture is about to start.' : `the picture has not started yet.`;
  return capitalized([`${watched}${sentence}`, relaySentence(reason, giverOf(camera))].join(' ').trim());
}

function flowing({ mode, sound }: Camera, seen: SeenStream): Playing {
  if (sound === 'off' && seen.carrier !== 'relay') {
    const sentence =
      'The picture plays, but with its sound, which is off: only the relay leaves sound out, and it does not carry this camera now.';
    const nextStep =
      'See the problem of the engine in /ready. A watched camera goes over to the relay when nobody watches.';
    return { state: 'failing', reason: 'SOUND_NOT_OFF', sentence, nextStep, nextStepAt: null };
  }
  if (mode === 'seamless' && seen.carrier === 'forward') {
    const sentence =
      'The picture plays without the relay, like that of an always-on camera: viewers see a short freeze when the lease changes.';
    return { state: 'healthy', reason: 'FLOWING_WITHOUT_RELAY', sentence };
  }
  return { state: 'healthy', reason: 'FLOWING', sentence: `The picture plays.${besideRelay(seen)}` };
}

/** True when a proof has seen the picture of the lease in force, or an opening that of the address. */
function isSeen({ lease, source }: Camera): boolean {
  switch (source.kind) {
    case 'url':
      return source.openedAt !== null;
    case 'cloud':
      return lease?.proof === 'proven';
    default:
      return neverKind(source);
  }
}

function idle(camera: Camera, seen: SeenStream): Playing {
  if (isSeen(camera)) {
    const looked =
      isUrlCamera(camera) && camera.source.openedAt ? ` Last looked at ${utcTime(camera.source.openedAt)}.` : '';
    const sentence = `Ready; nobody watches, so nothing is pulled.${looked}${besideRelay(seen)}`;
    return { state: 'idle', reason: 'NOBODY_WATCHES', sentence };
  }
  const sentence = isUrlCamera(camera)
    ? 'Its address has not been opened yet, so camlease does not know whether a picture comes.'
    : 'The lease is valid; its picture has not been checked yet.';
  return { state: 'unknown', reason: 'NOT_PROVEN', sentence };
}
