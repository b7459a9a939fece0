import { utcTime } from '../../core/zonedTime.js';
import { nextFailure } from '../../core/renewal/backoff.js';
import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import { messageOf, type CameraError } from '../../core/errors.js';
import {
  decideHandover,
  dependsOnViewers,
  type HandoverDecision,
  type HandoverFacts,
  type ProofAttempt,
} from '../../core/handover/handover.js';
import type { Lease } from '../../core/camera/lease.js';
import { faultOf } from '../../core/handover/leaseEvents.js';
import { teachesSubStream } from '../../core/handover/proof.js';
import { lastSafeMoment } from '../../core/renewal/renewal.js';
import type { Promotion } from '../../store/cameraStore.js';
import type { JobsDeps } from '../run/deps.js';
import { reasonOf, type HandoverWatch } from './handoverWatch.js';
import type { LeaseLog } from '../run/leaseLog.js';
import type { Proofs } from './proofs.js';

/** Promotions of more cameras than this at once share one log line. */
const MOST_LOGGED_SINGLY = 20;
const STORE_RETRY_MS = 5_000;

export interface HandOverDeps extends Pick<
  JobsDeps,
  'clock' | 'random' | 'log' | 'store' | 'engine' | 'lifetimeSeconds'
> {
  readonly proofs: Proofs;
  readonly watch: HandoverWatch;
  readonly leaseLog: LeaseLog;
  /** Called when the camera is due for renewal at once: its main stream cannot be played, so the sub stream is asked for. */
  readonly onDue: (id: CameraId) => void;
  /** Called when the engine must get this camera's new lease in this very step, not after the gap. */
  readonly onUrgent: (id: CameraId) => void;
  /** When moves that no viewer waits for may next be applied. */
  readonly movesOpenAt: () => Date;
}

interface Decided {
  readonly camera: Camera;
  readonly candidate: Lease;
  readonly facts: HandoverFacts;
  readonly decision: HandoverDecision;
}

/** Cameras with a candidate to decide about; the camera whose lease ends first comes first. */
export function camerasToHandOver(cameras: Iterable<Camera>): Camera[] {
  return [...cameras]
    .filter((camera) => camera.candidate !== null && isWanted(camera))
    .map((camera) => ({ camera, at: camera.lease ? lastSafeMoment(camera.lease).getTime() : Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.at === b.at ? 0 : a.at - b.at))
    .map(({ camera }) => camera);
}

/** No stream of the account is spent on proving the candidate of a camera that is switched off or missing; the candidate stays. */
function isWanted(camera: Camera): boolean {
  return camera.enabled && camera.status !== 'disabled' && camera.status !== 'missing';
}

/**
 * Decides about all candidates and carries the decisions out. Viewers are read once for all cameras, and all promotions
 * are one write to the store. A promotion whose reason is that nobody watches is made only when it can be applied at
 * once, because a minute later somebody may watch. A camera that moves without a write to the media server (`movesFreely`)
 * never waits. Returns when to decide again; null: at the next change.
 */
export async function handOverCandidates(deps: HandOverDeps, cameras: readonly Camera[]): Promise<Date | null> {
  const decided = await decideAll(deps, cameras);
  const moving = decided.filter(({ decision }) => decision.action === 'promote');
  const opensAt = deps.movesOpenAt();
  const isOpen = opensAt <= deps.clock.now();
  const ready = isOpen ? moving : moving.filter((each) => !waitsForGap(each));
  let next = await promoteAll(deps, ready);
  if (next === null && ready.length < moving.length) next = opensAt;
  for (const each of decided) {
    const again = await carryOut(deps, each);
    if (again !== null && (next === null || again < next)) next = again;
  }
  return next;
}

/** True when the move is a write to the media server and nobody watches, so that it can be written together with others. */
function waitsForGap({ decision, facts }: Pick<Decided, 'decision' | 'facts'>): boolean {
  return reasonOf(decision) === 'nobody-watches' && facts.movesFreely !== true;
}

async function decideAll(deps: HandOverDeps, cameras: readonly Camera[]): Promise<Decided[]> {
  const now = deps.clock.now();
  const gathered = cameras.flatMap((camera) => {
    const { candidate } = camera;
    return candidate === null ? [] : [{ camera, candidate, facts: factsOf(deps, camera, candidate, now) }];
  });
  const asks = gathered.some(({ facts }) => dependsOnViewers(facts));
  const viewers = asks ? await deps.engine.viewers().catch(() => null) : null;
  return gathered.map(({ camera, candidate, facts: rest }) => {
    const facts = { ...rest, viewers: viewers && (viewers.get(camera.id) ?? 0) };
    return { camera, candidate, facts, decision: decideHandover(facts) };
  });
}

function factsOf(deps: HandOverDeps, camera: Camera, candidate: Lease, now: Date): Omit<HandoverFacts, 'viewers'> {
  const attempt = attemptAt(deps, camera.id, candidate, now);
  const tracks = attempt?.outcome === 'proven' ? attempt.tracks : null;
  const swapsUnnoticed = deps.engine.swapsUnnoticed(camera, camera.lease?.tracks ?? null, tracks);
  const movesFreely = deps.engine.movesFreely?.(camera) === true;
  return { camera, swapsUnnoticed, movesFreely, asked: deps.watch.isForced(camera.id), attempt, now };
}

/**
 * The result of the latest proof of this lease; null: none yet. `unable` while the engine is not ready and the lease is
 * not proven.
 */
export function attemptAt(
  deps: Pick<HandOverDeps, 'proofs' | 'engine'>,
  id: CameraId,
  lease: Lease,
  now: Date,
): ProofAttempt | null {
  const attempt = deps.proofs.attemptOf(id, lease.revision);
  if (attempt?.outcome === 'proven') return attempt;
  return deps.engine.status().ready ? attempt : { outcome: 'unable', at: now };
}

/** Returns when to try again; null: all promotions were written. */
async function promoteAll(deps: HandOverDeps, decided: readonly Decided[]): Promise<Date | null> {
  if (decided.length === 0) return null;
  const { store, clock, log, leaseLog, watch } = deps;
  for (const { camera, candidate, decision } of decided) watch.decided(camera.id, candidate.revision, decision);
  const promotions = decided.flatMap(promotionOf);
  try {
    const promoted = new Set((await store.promote(promotions, clock.now())).map(({ id }) => id));
    for (const each of decided) {
      const { camera, candidate, decision } = each;
      if (!promoted.has(camera.id)) continue;
      const reason = reasonOf(decision);
      const bound = { camera: camera.id, revision: candidate.revision, reason };
      if (decided.length <= MOST_LOGGED_SINGLY)
        log.info(`Camera ${camera.id} switches to its new lease${costToViewers(each)}.`, bound);
      const message = `Lease ${candidate.revision} is in force from now on.`;
      leaseLog.record({ cameraId: camera.id, step: 'promoted', revision: candidate.revision, reason, message });
      watch.over(camera.id);
      if (!waitsForGap(each)) deps.onUrgent(camera.id);
    }
    if (decided.length > MOST_LOGGED_SINGLY) {
      const dropping = decided.filter((each) => promoted.has(each.camera.id) && dropsViewers(each)).length;
      const note = dropping === 0 ? '' : `; viewers of ${dropping} of them are dropped and have to reconnect`;
      log.info(`${promoted.size} cameras switch to their new leases${note}.`);
    }
    return null;
  } catch (thrown) {
    log.warn(
      `camlease could not store that ${decided.length} cameras switch to their new leases, and tries again: ${messageOf(thrown)}`,
    );
    return new Date(clock.now().getTime() + STORE_RETRY_MS);
  }
}

/**
 * True when the move drops viewers: the move does not wait for them (last safe moment, or a person asked for it), somebody
 * may watch, and the engine cannot swap unnoticed.
 */
function dropsViewers({ decision, facts }: Decided): boolean {
  const reason = reasonOf(decision);
  const isForced = reason === 'last-safe-moment' || reason === 'asked';
  return isForced && !facts.swapsUnnoticed && facts.viewers !== 0;
}

/** Ends the log line `Camera … switches to its new lease` with what the move costs viewers; empty: nothing. */
function costToViewers(move: Decided): string {
  if (!dropsViewers(move)) return '';
  const why =
    reasonOf(move.decision) === 'asked' ? 'because a person asked' : 'because the old lease is about to expire';
  return ` ${why}; its viewers are dropped and have to reconnect`;
}

function promotionOf({ camera, candidate, facts, decision }: Decided): Promotion[] {
  if (decision.action !== 'promote') return [];
  const tracks = facts.attempt?.outcome === 'proven' ? facts.attempt.tracks : null;
  return [{ id: camera.id, revision: candidate.revision, proof: decision.proof, tracks }];
}

async function carryOut(deps: HandOverDeps, { camera, candidate, decision }: Decided): Promise<Date | null> {
  const { watch, proofs, leaseLog } = deps;
  switch (decision.action) {
    case 'none':
    case 'promote':
      return null;
    case 'prove': {
      const hasStream = proofs.start(camera, candidate);
      watch.decided(camera.id, candidate.revision, hasStream ? decision : { ...decision, waitsFor: 'no-free-stream' });
      return null;
    }
    case 'hold': {
      const { fault, until } = decision;
      const { revision } = candidate;
      const waits = `Lease ${revision} waits, at the latest until ${utcTime(camera.lease ? lastSafeMoment(camera.lease) : until)}.`;
      if (watch.decided(camera.id, revision, decision)) {
        const held = { cameraId: camera.id, step: 'held', revision, reason: reasonOf(decision) } as const;
        leaseLog.record(
          fault
            ? { ...held, message: `${fault.message} ${waits}`, fault: faultOf(fault) }
            : { ...held, message: waits },
        );
      }
      return until;
    }
    case 'reject':
      return reject(deps, camera, candidate, decision.error);
  }
}

async function reject(deps: HandOverDeps, camera: Camera, candidate: Lease, error: CameraError): Promise<Date | null> {
  const { store, log, watch, leaseLog, clock } = deps;
  const { id } = camera;
  const { revision } = candidate;
  try {
    const now = clock.now();
    await store.reject(id, revision, await learn(deps, camera, candidate, error, now), now);
    const bound = { camera: id, revision, reason: error.code };
    log.warn(`Camera ${id} keeps its old lease, because the new one brought no picture: ${error.message}`, bound);
    leaseLog.record({ cameraId: id, step: 'rejected', revision, reason: error.code, message: error.message });
    watch.over(id);
    if (teachesSubStream(camera, candidate, error)) deps.onDue(id);
    return null;
  } catch (thrown) {
    log.warn(`The decision about the new lease of camera ${id} could not be stored: ${messageOf(thrown)}`, {
      camera: id,
    });
    return new Date(clock.now().getTime() + STORE_RETRY_MS);
  }
}

/**
 * Returns the failure to store. When the main stream cannot be played, also stores that the next renewal asks for the sub
 * stream, and makes that renewal due at once.
 */
export async function learn(
  deps: HandOverDeps,
  camera: Camera,
  lease: Lease,
  error: CameraError,
  now: Date,
): Promise<Failure> {
  const failure = nextFailure(camera.failure, error, camera, deps.random, now, deps.lifetimeSeconds * 1000);
  if (!teachesSubStream(camera, lease, error)) return failure;
  await deps.store.update(camera.id, { learnedQuality: 'sub' }, now);
  return { ...failure, nextLookAt: now };
}
