import type { Camera } from './camera.js';
import type { HandoverDecision, HoldReason } from './handover.js';
import { decideRenewal, dueAt, lastSafeMoment, type WaitReason } from './renewal.js';

/**
 * Where a camera's renewal stands, for people.
 * - `resting`: the lease is good, the next renewal lies ahead. `due`: the cloud is being asked, or is about to be.
 * - `proving`: the new lease is being looked at. `held`: it is good and waits. `taking-over`: it is about to be in force.
 * - `failing`: the last try went wrong. `stopped`: nothing will be asked until something changes.
 */
export type RenewalState = 'resting' | 'due' | 'proving' | 'held' | 'taking-over' | 'failing' | 'stopped';

export interface RenewalStory {
  readonly state: RenewalState;
  /** From the fixed lists of `core/renewal.ts` and `core/handover.ts`, or the code of the failure. */
  readonly reason: string;
  readonly sentence: string;
  readonly nextStep: string;
  /** When it comes; null: at once, or only after a change. */
  readonly nextStepAt: Date | null;
  /** When the new lease is taken whoever watches; null: there is none that waits. */
  readonly forcedAt: Date | null;
}

/** `decision`: what was last decided about the camera's candidate; null: nothing yet. */
export function renewalStory(camera: Camera, decision: HandoverDecision | null, now: Date): RenewalStory {
  return camera.candidate === null ? withoutCandidate(camera, now) : withCandidate(camera, decision);
}

function withCandidate(camera: Camera, decision: HandoverDecision | null): RenewalStory {
  const revision = camera.candidate?.revision ?? 0;
  const forcedAt = camera.lease && lastSafeMoment(camera.lease);
  if (decision?.action === 'hold') {
    const { sentence, nextStep } = HOLDS[decision.reason];
    const state = decision.reason === 'unprovable' ? 'failing' : 'held';
    const told = { sentence: `Lease ${revision} is there. ${sentence}`, nextStep };
    return { state, reason: decision.reason, ...told, nextStepAt: decision.until, forcedAt };
  }
  if (decision?.action === 'promote') {
    const sentence = `Lease ${revision} is there and takes over.`;
    const nextStep = 'The media server is told.';
    return { state: 'taking-over', reason: decision.reason, sentence, nextStep, nextStepAt: null, forcedAt: null };
  }
  const sentence = `Lease ${revision} is there; its picture is being looked at before it is used.`;
  const nextStep = 'With a good picture it takes over; without one it is rejected, and the lease in force goes on.';
  return { state: 'proving', reason: 'prove', sentence, nextStep, nextStepAt: null, forcedAt };
}

function withoutCandidate(camera: Camera, now: Date): RenewalStory {
  const decision = decideRenewal(camera, now);
  const at = { nextStepAt: dueAt(camera), forcedAt: null };
  if (decision.action === 'renew') {
    const sentence = camera.lease === null ? 'The camera has no lease yet.' : 'The lease is to be renewed now.';
    return { state: 'due', reason: decision.reason, sentence, nextStep: 'The cloud is asked for a new lease.', ...at };
  }
  const { failure } = camera;
  if (failure !== null && (decision.reason === 'backing-off' || decision.reason === 'permanent-failure')) {
    const tries = failure.attempts === 1 ? 'once' : `${failure.attempts} times`;
    const sentence = `Renewing failed ${tries} since ${failure.since.toISOString()}: ${failure.message}`;
    const nextStep = failure.nextLookAt === null ? failure.cure : `It is tried again by itself. Cure: ${failure.cure}`;
    return { state: 'failing', reason: failure.code, sentence, nextStep, ...at };
  }
  const { state, sentence, nextStep } = WAITS[decision.reason];
  return { state, reason: decision.reason, sentence, nextStep, ...at };
}

const HOLDS: Readonly<Record<HoldReason, { readonly sentence: string; readonly nextStep: string }>> = {
  watched: {
    sentence: 'It is proven and waits, because somebody watches and the change would interrupt the picture.',
    nextStep: 'It takes over as soon as nobody watches, at the latest when it is forced.',
  },
  'viewers-unknown': {
    sentence: 'It is proven and waits, because the media server does not say whether anybody watches.',
    nextStep: 'The media server is asked again; at the latest it takes over when it is forced.',
  },
  'other-tracks': {
    sentence:
      'It is proven and waits: its sound or codec differs from what plays now, so those who watch would be dropped.',
    nextStep: 'It takes over as soon as nobody watches, at the latest when it is forced.',
  },
  unprovable: {
    sentence: 'Its picture could not be looked at yet, so the lease in force goes on.',
    nextStep: 'It is looked at again; at the latest it takes over, unproven, when it is forced.',
  },
};

type Wait = Pick<RenewalStory, 'state' | 'sentence' | 'nextStep'>;

const WAITS: Readonly<Record<WaitReason, Wait>> = {
  fresh: { state: 'resting', sentence: 'The lease is good.', nextStep: 'It is renewed.' },
  'candidate-waiting': {
    state: 'proving',
    sentence: 'A new lease is there.',
    nextStep: 'It takes over once it is proven.',
  },
  'backing-off': { state: 'failing', sentence: 'Renewing failed.', nextStep: 'It is tried again by itself.' },
  'permanent-failure': { state: 'failing', sentence: 'Renewing failed.', nextStep: 'Cure what is said of the camera.' },
  disabled: { state: 'stopped', sentence: 'The camera is switched off here.', nextStep: 'Enable the camera.' },
  offline: {
    state: 'stopped',
    sentence: 'The cloud says that the camera is offline.',
    nextStep: 'It is asked for as soon as a listing shows it online.',
  },
  missing: {
    state: 'stopped',
    sentence: "The camera is no longer in the account's listing.",
    nextStep: 'It is asked for as soon as a listing shows it again.',
  },
  unidentified: {
    state: 'stopped',
    sentence: 'No listing of an account has shown this camera yet.',
    nextStep: 'Find the cameras again, or compare its serial and channel with the vendor app.',
  },
};
