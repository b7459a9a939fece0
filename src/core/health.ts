import type { Camera } from './camera.js';
import { refusedSentence, renewalStory, type AccountRefusal, type RenewalStory } from './renewalStory.js';

export type HealthState = 'healthy' | 'idle' | 'failing' | 'dark' | 'unknown' | 'disabled';

/** What the engine sees of a camera. */
export interface SeenStream {
  readonly revision: number | null;
  readonly flow: 'flowing' | 'starting' | 'idle' | 'stopped' | 'unknown';
  /** How a camera that is not on-demand is carried now; absent: the engine does not say, or it is not carried. */
  readonly carrier?: 'forward' | 'splice';
  /** People watching now; absent: the engine does not say. */
  readonly viewers?: number;
  /** Of what is pulled now; begins anew with each connection. */
  readonly bytesReceived?: number;
  /** When (monotonic, ms) bytes were last seen to have grown; absent: never. */
  readonly movedMs?: number;
}

export interface CameraHealth {
  readonly state: HealthState;
  /** A code: a vendor's, or one of ours. */
  readonly reason: string;
  readonly sentence: string;
  /** What happens next, by itself or by somebody's hand. */
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

interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/**
 * How a camera is, as we and the engine see it. `seen` null: the engine says nothing of it. What comes next is the renewal's
 * next step, so that the two never contradict each other, unless a person or the media server has to act before it.
 */
export function cameraHealth(
  camera: Camera,
  seen: SeenStream | null,
  now: Date,
  renewal: Pick<RenewalStory, 'nextStep' | 'nextStepAt'> = renewalStory(camera, null, now),
  refusal: Pick<AccountRefusal, 'message' | 'cure'> | null = null,
): CameraHealth {
  const verdict = liveVerdict(camera, now);
  const { nextStep, nextStepAt } = renewal;
  if (!verdict.live) {
    const { reason, message: sentence, cure } = withRefusal(verdict, refusal);
    const next = needsHand(camera, reason) ? { nextStep: cure, nextStepAt: null } : { nextStep, nextStepAt };
    return { state: stateOfDark(camera, reason, now), reason, sentence, ...next };
  }
  const { failure, candidate } = camera;
  // A candidate that came after it is another try, and how that one stands is told by the renewal.
  if (failure !== null && (candidate === null || candidate.obtainedAt < failure.at)) {
    const sentence = `The picture goes on, but renewing the lease fails: ${failure.message}`;
    return { state: 'failing', reason: failure.code, sentence, nextStep, nextStepAt };
  }
  return { nextStep, nextStepAt, ...playing(camera, seen) };
}

/** True when nothing that we do by ourselves brings the picture back: a planned look may come to nothing. */
function needsHand({ failure }: Camera, reason: string): boolean {
  return BY_HAND.has(reason) || (failure?.code === reason && failure.nextLookAt === null);
}

/** Whether a player may be sent to the camera: an unexpired lease, and nothing that says its picture is not there. */
export function liveVerdict(camera: Camera, now: Date): LiveVerdict {
  const trouble = troubleOf(camera, now);
  if (trouble === null) return { live: true };
  return { live: false, reason: trouble.code, message: trouble.message, cure: trouble.cure };
}

/** A camera without a lease whose account is refused (null: it is not) has none because of that, and that is what helps. */
export function withRefusal(verdict: NotLive, refusal: Pick<AccountRefusal, 'message' | 'cure'> | null): NotLive {
  if (refusal === null || (verdict.reason !== NO_LEASE.code && verdict.reason !== EXPIRED.code)) return verdict;
  return { ...verdict, message: `${verdict.message} ${refusedSentence(refusal)}`, cure: refusal.cure };
}

function troubleOf(camera: Camera, now: Date): Trouble | null {
  if (!camera.enabled || camera.status === 'disabled') return DISABLED;
  if (camera.status === 'missing') return MISSING;
  // The vendor's own word about an offline camera, when it was asked, says more than ours.
  if (camera.status === 'offline') return camera.failure?.failureClass === 'camera-state' ? camera.failure : OFFLINE;
  const lease = camera.lease;
  const isKnown = camera.source.account !== null && camera.source.channel !== null;
  if (lease === null) return camera.failure ?? (isKnown ? NO_LEASE : UNIDENTIFIED);
  if (lease.expiresAt <= now) return camera.failure ?? (isKnown ? EXPIRED : UNIDENTIFIED);
  if (lease.proof === 'failed') return camera.failure ?? NO_PICTURE;
  return null;
}

function stateOfDark(camera: Camera, reason: string, now: Date): HealthState {
  if (!camera.enabled || camera.status === 'disabled') return 'disabled';
  // Just found: nobody has asked for its first lease yet, which is no trouble.
  if (reason === NO_LEASE.code) return 'unknown';
  const leased = camera.lease !== null && camera.lease.expiresAt > now;
  return leased && camera.status === 'active' ? 'failing' : 'dark';
}

type Playing = Pick<CameraHealth, 'state' | 'reason' | 'sentence'> &
  Partial<Pick<CameraHealth, 'nextStep' | 'nextStepAt'>>;

function playing(camera: Camera, seen: SeenStream | null): Playing {
  if (seen === null || seen.revision === null) {
    return {
      state: 'unknown',
      reason: 'NOT_SERVED_YET',
      sentence: 'The lease lives; the media server does not serve it yet.',
    };
  }
  switch (seen.flow) {
    case 'flowing':
      return flowing(camera, seen);
    case 'starting':
      return { state: 'healthy', reason: 'STARTING', sentence: starting(camera) };
    case 'stopped':
      return {
        state: 'dark',
        reason: 'NOTHING_COMES',
        sentence:
          "The lease lives, but nothing comes from the cloud; viewers see the camera's last picture, marked so.",
      };
    case 'unknown':
      return {
        state: 'unknown',
        reason: 'ENGINE_UNREACHABLE',
        sentence: 'The media server does not say how the picture is.',
      };
    case 'idle':
      return idle(camera);
  }
}

/** A camera that is not on-demand is pulled whether somebody watches or not. */
function starting({ mode }: Camera): string {
  return mode === 'on-demand' ? 'Somebody watches; the picture is about to come.' : 'The picture is about to come.';
}

function flowing({ mode }: Camera, { carrier }: SeenStream): Playing {
  if (mode === 'seamless' && carrier === 'forward') {
    const sentence =
      'The picture flows, but the splice is away: until it is back, a change of the lease shows as a short freeze.';
    return { state: 'healthy', reason: 'FLOWING_WITHOUT_SPLICE', sentence };
  }
  return { state: 'healthy', reason: 'FLOWING', sentence: 'The picture flows.' };
}

function idle(camera: Camera): Playing {
  if (camera.lease?.proof === 'proven') {
    return { state: 'idle', reason: 'NOBODY_WATCHES', sentence: 'Ready; nobody watches, so nothing is pulled.' };
  }
  return { state: 'unknown', reason: 'NOT_PROVEN', sentence: 'The lease lives; its picture was not seen yet.' };
}

const DISABLED: Trouble = {
  code: 'CAMERA_DISABLED',
  message: 'The camera is switched off here.',
  cure: 'Enable the camera.',
};
const MISSING: Trouble = {
  code: 'CAMERA_MISSING',
  message: "The camera is no longer in the account's listing.",
  cure: 'Look in the vendor app whether the device was removed, or delete the camera here.',
};
const OFFLINE: Trouble = {
  code: 'CAMERA_OFFLINE',
  message: 'The cloud says that the camera is offline.',
  cure: "Check the camera's power and network; it is picked up by itself once it is back.",
};
const UNIDENTIFIED: Trouble = {
  code: 'CAMERA_UNIDENTIFIED',
  message: 'No listing of an account has shown this camera yet, so nobody can be asked for its lease.',
  cure: 'Find the cameras again; if that does not help, compare its serial and channel with the vendor app.',
};
const NO_LEASE: Trouble = {
  code: 'LEASE_NONE',
  message: 'The camera has no lease yet.',
  cure: 'It is asked for at the next tick; to ask now, renew the camera.',
};
const EXPIRED: Trouble = {
  code: 'LEASE_EXPIRED',
  message: "The camera's lease has expired.",
  cure: 'A new one is asked for by itself; to ask now, renew the camera.',
};
const NO_PICTURE: Trouble = {
  code: 'STREAM_NO_PICTURE',
  message: 'The lease lives, but it showed no picture.',
  cure: 'Look at the camera in the vendor app, then renew it.',
};

/** Troubles that end by somebody's hand, or by the cloud saying something else. */
const BY_HAND: ReadonlySet<string> = new Set([DISABLED.code, MISSING.code, OFFLINE.code, UNIDENTIFIED.code]);
