import type { CameraTrouble } from './cameraTroubles.js';
import { utcTime } from '../zonedTime.js';
import { byApi } from '../byApi.js';
import { RETRIED } from '../errors.js';
import type { Camera, Failure } from '../camera/camera.js';
import type { HandoverDecision, HoldReason, MoveReason } from '../handover/handover.js';
import type { Lease } from '../camera/lease.js';
import {
  decideRenewal,
  dueAt,
  lastSafeMoment,
  renewalUrgency,
  type RenewalUrgency,
  type WaitReason,
} from '../renewal/renewal.js';

/**
 * Where a camera's renewal stands, for people.
 * - `resting`: the lease is good, the next renewal lies ahead. `due`: the cloud is being asked, or is about to be.
 * - `proving`: the new lease is being proven. `held`: it is proven and waits. `taking-over`: it is about to be in force.
 * - `failing`: the last try failed. `stopped`: nothing is asked of the cloud until something changes.
 */
export const RENEWAL_STATES = ['resting', 'due', 'proving', 'held', 'taking-over', 'failing', 'stopped'] as const;
export type RenewalState = (typeof RENEWAL_STATES)[number];

export interface RenewalStory {
  readonly state: RenewalState;
  /** From the fixed lists of `core/renewal/renewal.ts` and `core/handover/handover.ts`, or the code of the failure. */
  readonly reason: string;
  readonly sentence: string;
  readonly nextStep: string;
  /** When the next step comes at the latest; null: at once, or only after a change. In the past: it is overdue. */
  readonly nextStepAt: Date | null;
  /** When the new lease is promoted even if that drops viewers; null: none waits. */
  readonly forcedAt: Date | null;
  /** How much the renewal needs attention. */
  readonly urgency: RenewalUrgency;
  /** Why the latest proof of the new lease found no picture; absent: it found one, or there was none yet. */
  readonly fault?: CameraTrouble;
}

type Told = Omit<RenewalStory, 'urgency'>;

/** Why the cloud refuses the camera's account, so that no lease can be asked for. */
export interface AccountRefusal {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
  /** When the account is tried again. */
  readonly nextLookAt: Date;
}

/** The sentence in which a camera's status names its account's refusal. */
export function refusedSentence({ message }: Pick<AccountRefusal, 'message'>): string {
  return `The cloud refuses the account now: ${message}`;
}

/**
 * Where the camera's renewal stands. `decision`: the latest one about its candidate; null: none yet. `refusal` null: the
 * cloud accepts the account.
 */
export function renewalStory(
  camera: Camera,
  decision: HandoverDecision | null,
  now: Date,
  refusal: AccountRefusal | null = null,
): RenewalStory {
  return { ...told(camera, decision, now, refusal), urgency: renewalUrgency(camera, now) };
}

function told(camera: Camera, decision: HandoverDecision | null, now: Date, refusal: AccountRefusal | null): Told {
  const renewal = decideRenewal(camera, now);
  // Nothing is done with the candidate of a camera that is switched off or missing.
  if (renewal.action === 'wait' && (renewal.reason === 'disabled' || renewal.reason === 'missing')) {
    return { ...WAITS[renewal.reason], reason: renewal.reason, nextStepAt: null, forcedAt: null };
  }
  return camera.candidate === null
    ? withRefusal(camera, unseenInForce(camera, decision) ?? withoutCandidate(camera, now), refusal, now)
    : withCandidate(camera, camera.candidate, decision);
}

/** The failed proof that the decision names, and when the next one comes; null: none failed. */
function faultIn(
  decision: HandoverDecision | null,
): { readonly fault: CameraTrouble; readonly lookAt: Date | null } | null {
  if (decision?.action !== 'hold' && decision?.action !== 'prove') return null;
  if (decision.fault === undefined) return null;
  const { code, message, cure } = decision.fault;
  return { fault: { code, message, cure }, lookAt: decision.action === 'hold' ? decision.until : null };
}

/** The story of a lease in force whose proof has failed and is tried again; null: not so. */
function unseenInForce({ lease, failure }: Camera, decision: HandoverDecision | null): Told | null {
  const faulty = faultIn(decision);
  if (faulty === null || lease === null || failure !== null) return null;
  const { fault, lookAt } = faulty;
  const sentence = `Lease ${lease.revision} is in force, but checking its picture failed: ${fault.message}`;
  const nextStep = `camlease checks it again. What helps: ${fault.cure}`;
  return { state: 'failing', reason: fault.code, sentence, nextStep, nextStepAt: lookAt, forcedAt: null, fault };
}

function withCandidate({ lease, failure }: Camera, candidate: Lease, decision: HandoverDecision | null): Told {
  const fresh = `Lease ${candidate.revision}`;
  const faulty = faultIn(decision);
  const forcedAt = lease && lastSafeMoment(lease);
  // In words; the time itself is `forcedAt`.
  const theEnd = lease === null ? 'in time' : `shortly before lease ${lease.revision} expires`;
  if (faulty !== null) {
    const { fault, lookAt } = faulty;
    const goesOn = lease === null ? '' : ` Lease ${lease.revision} stays in force until ${utcTime(lease.expiresAt)}.`;
    const sentence = `${fresh} was obtained, but checking its picture failed: ${fault.message}${goesOn}`;
    const nextStep = `camlease checks it again. If it brings no picture, camlease drops it, or uses it without proof ${theEnd}. What helps: ${fault.cure}`;
    return { state: 'failing', reason: fault.code, sentence, nextStep, nextStepAt: lookAt, forcedAt, fault };
  }
  if (decision?.action === 'hold') {
    const { reason, until } = decision;
    const sentence = `${fresh} ${HOLDS[reason]}`;
    if (reason === 'unprovable') {
      const nextStep = `camlease checks it again. If no check succeeds, it takes over without proof ${theEnd}.`;
      return { state: 'failing', reason, sentence, nextStep, nextStepAt: until, forcedAt };
    }
    const nextStep = `${fresh} takes over as soon as nobody watches, at the latest ${theEnd}, even if somebody watches then.`;
    // Viewers are read every few seconds; only the time of the forced promotion is certain, so it is named.
    return { state: 'held', reason, sentence, nextStep, nextStepAt: forcedAt ?? until, forcedAt };
  }
  if (decision?.action === 'promote') {
    const sentence = `${fresh} takes over: ${MOVES[decision.reason]}.`;
    const nextStep = 'camlease switches the media server to it.';
    return { state: 'taking-over', reason: decision.reason, sentence, nextStep, nextStepAt: null, forcedAt: null };
  }
  const waitsFor = decision?.action === 'prove' ? decision.waitsFor : undefined;
  const when = waitsFor === undefined ? 'before it is used' : 'once one of the account’s streams is free';
  // After a main stream that cannot be played, the sub stream is tried at once: the sentence still names the first failure.
  const before = failure === null ? '' : ` The previous try failed: ${failure.message}`;
  const sentence = `${fresh} was obtained; camlease checks its picture ${when}.${before}`;
  const goesOn = lease === null ? '' : `, and lease ${lease.revision} stays in force`;
  const nextStep = `If its picture is good, ${fresh.toLowerCase()} takes over; if there is none, camlease rejects it${goesOn}.`;
  return { state: 'proving', reason: waitsFor ?? 'prove', sentence, nextStep, nextStepAt: null, forcedAt };
}

/** While the cloud refuses the account, the camera's next step waits for the account's. */
function withRefusal({ lease }: Camera, story: Told, refusal: AccountRefusal | null, now: Date): Told {
  if (refusal === null || (story.state !== 'due' && story.reason !== 'fresh')) return story;
  const { code, cure, nextLookAt } = refusal;
  const refused = refusedSentence(refusal);
  if (story.state === 'due') {
    const goesOn = lease === null ? '' : ` Lease ${lease.revision} ${howLong(lease, now)}.`;
    const nextStep = `camlease tries the account again, and then the camera. What helps: ${cure}`;
    return { ...story, state: 'failing', reason: code, sentence: refused + goesOn, nextStep, nextStepAt: nextLookAt };
  }
  return { ...story, sentence: `${story.sentence} ${refused} What helps: ${cure}` };
}

function howLong({ expiresAt }: Lease, now: Date): string {
  return expiresAt <= now ? 'has expired' : `is good until ${utcTime(expiresAt)}`;
}

function withoutCandidate(camera: Camera, now: Date): Told {
  const decision = decideRenewal(camera, now);
  const { failure } = camera;
  const at = { nextStepAt: dueAt(camera), forcedAt: null };
  if (decision.action === 'renew') {
    const { reason } = decision;
    const sentence = failure === null ? DUE[reason] : failed(camera, failure, now);
    return {
      state: 'due',
      reason,
      sentence,
      nextStep: 'camlease asks the cloud for a new lease when it is this camera’s turn.',
      ...at,
    };
  }
  if (failure !== null && (decision.reason === 'backing-off' || decision.reason === 'permanent-failure')) {
    const nextStep = nextTry(failure, at.nextStepAt);
    return { state: 'failing', reason: failure.code, sentence: failed(camera, failure, now), nextStep, ...at };
  }
  const { state, sentence, nextStep } = WAITS[decision.reason];
  const said = decision.reason === 'fresh' && camera.lease !== null ? inForce(camera.lease) : sentence;
  return { state, reason: decision.reason, sentence: said, nextStep, ...at };
}

/** What failed, how often, and which lease goes on. */
function failed({ lease }: Camera, { attempts, since, message }: Failure, now: Date): string {
  const tries = attempts === 1 ? 'failed' : `failed ${attempts} times since ${utcTime(since)}`;
  if (lease === null) return `Getting a lease ${tries}: ${message}`;
  if (lease.expiresAt <= now)
    return `Getting a new lease ${tries}, and lease ${lease.revision} has expired: ${message}`;
  const goesOn =
    lease.proof === 'failed'
      ? `Lease ${lease.revision} brought no picture either.`
      : `Lease ${lease.revision} stays in force until ${utcTime(lease.expiresAt)}.`;
  return `Getting a new lease ${tries}: ${message} ${goesOn}`;
}

function nextTry({ failureClass, nextLookAt, cure }: Failure, dueNext: Date | null): string {
  if (nextLookAt !== null)
    return cure.startsWith(RETRIED)
      ? `camlease asks the cloud again.${cure.slice(RETRIED.length)}`
      : `camlease asks the cloud again. What helps: ${cure}`;
  if (dueNext !== null)
    return `${cure} Then renew the camera; otherwise camlease asks the cloud only at the planned time.`;
  return failureClass === 'permanent'
    ? `${cure} Then renew the camera: camlease does not try again until something changes.`
    : cure;
}

function inForce({ revision, proof }: Lease): string {
  switch (proof) {
    case 'proven':
      return `Lease ${revision} is good: it brought a picture.`;
    case 'pending':
      return `Lease ${revision} is in force; its picture has not been checked yet.`;
    case 'unproven':
      return `Lease ${revision} took over without proof, because the previous lease ran out; its picture has not been checked yet.`;
    case 'failed':
      return `Lease ${revision} is valid, but brought no picture.`;
  }
}

/** Why the candidate is held; each follows "Lease 2". */
const HOLDS: Readonly<Record<HoldReason, string>> = {
  watched: 'is proven. It waits because somebody watches, and the switch would interrupt the picture.',
  'viewers-unknown':
    'is proven. It waits because the media server does not report whether anybody watches, and the switch would interrupt the picture.',
  'other-tracks':
    'is proven. It waits because its sound or codec differs from what plays now, so the switch would drop viewers.',
  unprovable: 'was obtained, but its picture could not be checked yet.',
};

/** Why the candidate is promoted; each follows "Lease 2 takes over:". */
const MOVES: Readonly<Record<MoveReason, string>> = {
  'no-lease': 'the camera has no other lease',
  expired: 'the previous lease has expired',
  'no-picture-now': 'the lease in force brings no picture',
  unnoticed: 'it brought a picture, and the switch interrupts no viewer',
  'nobody-watches': 'it brought a picture, and nobody watches',
  asked: 'a person asked for it now',
  'last-safe-moment': 'the lease in force is about to expire',
};

const DUE = {
  'no-lease': 'The camera has no lease yet.',
  expired: 'The lease has expired.',
  due: 'The lease is due for renewal.',
  retry: 'The lease is due for renewal.',
} as const;

type Wait = Pick<RenewalStory, 'state' | 'sentence' | 'nextStep'>;

const WAITS: Readonly<Record<WaitReason, Wait>> = {
  fresh: { state: 'resting', sentence: 'The lease is good.', nextStep: 'camlease renews the lease.' },
  'candidate-waiting': {
    state: 'proving',
    sentence: 'camlease has a new lease.',
    nextStep: 'It takes over once it is proven.',
  },
  'backing-off': { state: 'failing', sentence: 'Renewing failed.', nextStep: RETRIED },
  'permanent-failure': {
    state: 'failing',
    sentence: 'Renewing failed.',
    nextStep: 'Follow the cure that is shown with the failure.',
  },
  disabled: {
    state: 'stopped',
    sentence: 'The camera is disabled in camlease.',
    nextStep: `Enable it: ${byApi({ hikvisionEnabled: true })}.`,
  },
  offline: {
    state: 'stopped',
    sentence: 'The camera has no lease, and the cloud says that it is offline.',
    nextStep: 'camlease asks for a lease as soon as a listing shows it online.',
  },
  missing: {
    state: 'stopped',
    sentence: "The camera is no longer in the account's listing.",
    nextStep: 'camlease renews its lease again as soon as a listing shows it.',
  },
  'not-leased': {
    state: 'resting',
    sentence: 'The camera has an address of its own, which does not expire.',
    nextStep: 'There is nothing to renew.',
  },
  unidentified: {
    state: 'stopped',
    sentence: 'No listing of an account has shown this camera yet.',
    nextStep: 'Find the cameras again, or compare its serial and channel with the vendor app.',
  },
};
