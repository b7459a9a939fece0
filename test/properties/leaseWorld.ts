import {
  type Camera,
  type CameraMode,
  type CameraStatus,
  goesByRelay,
  isAlwaysPulled,
} from '../../src/core/camera/camera.js';
import type { Lease } from '../../src/core/camera/lease.js';
import { sameTracks, type StreamTracks } from '../../src/core/camera/tracks.js';
import { CameraError } from '../../src/core/errors.js';
import { decideHandover, type HoldReason, type ProofAttempt } from '../../src/core/handover/handover.js';
import { h265Error } from '../../src/core/handover/proof.js';
import { nextFailure } from '../../src/core/renewal/backoff.js';
import { decideRenewal } from '../../src/core/renewal/renewal.js';
import { chooseRenewAt } from '../../src/core/renewal/renewalMoment.js';
import { leaseTarget, type PullTarget } from '../../src/core/streams/pullTarget.js';
import { desiredStreams, type DesiredStream } from '../../src/core/streams/streams.js';
import { desiredPaths } from '../../src/engine/mediamtx/paths/desiredPaths.js';
import { forwards, leaseOfPath, pullPath, type PathConfigs } from '../../src/engine/mediamtx/paths/pathConfig.js';
import { pathSource } from '../../src/engine/mediamtx/paths/pathSource.js';
import type { CameraRecord } from '../../src/store/reading/cameraRecord.js';
import * as transitions from '../../src/store/rules/transitions.js';
import { DAY, SECOND, T0 } from '../support/builders.js';

export type Happening =
  | { readonly kind: 'time-passes' | 'clock-jumps-back'; readonly ms: number }
  | { readonly kind: 'cloud'; readonly gives: 'good' | 'short' | 'nothing' | 'refusal' }
  | { readonly kind: 'stream'; readonly shows: 'picture' | 'other-tracks' | 'nothing' | 'h265' | 'camera-away' }
  | { readonly kind: 'viewers'; readonly count: number | null }
  | { readonly kind: 'engine' | 'relay'; readonly up: boolean }
  | { readonly kind: 'crash' | 'asked' }
  | { readonly kind: 'mode'; readonly mode: CameraMode }
  | { readonly kind: 'listing'; readonly status: CameraStatus }
  | { readonly kind: 'enabled'; readonly enabled: boolean };

/** A moment at which the engine was told what to serve. */
export interface Configuration {
  readonly now: Date;
  /** The leases whose URLs are in it. */
  readonly sources: readonly PullTarget[];
  /** Paths that forward to the camera's public path. */
  readonly forwarding: number;
}

const RULES_AT_MOST = 20;
const video = { codec: 'H264', width: 640, height: 360 };
const TRACKS: StreamTracks = { video, audio: null };
const OTHER_TRACKS: StreamTracks = { video, audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 } };

/**
 * One camera with its cloud, its engine and the clock, carried through time by the pure rules alone: what the jobs do, without
 * anything that waits. Everything that could be wrong is kept to be looked at.
 */
export class LeaseWorld {
  readonly served: { revision: number }[] = [];
  readonly configurations: Configuration[] = [];
  readonly promotions: { proof: 'proven' | 'unproven'; wasSeen: boolean }[] = [];
  readonly holds: { until: Date; now: Date; isRelayed: boolean; reason: HoldReason }[] = [];
  readonly obtained: number[] = [];
  /** Times that a lease ended before another one was in force. */
  expired = 0;
  #record: CameraRecord;
  #nowMs = T0.getTime();
  #cloud: 'good' | 'short' | 'nothing' | 'refusal' = 'good';
  #shows: 'picture' | 'other-tracks' | 'nothing' | 'h265' | 'camera-away' = 'picture';
  #viewers: number | null = 0;
  #engineUp = true;
  #asked = false;
  #relayUp = false;
  /** The lease that the engine was told before. */
  #told: PullTarget | null = null;
  #paths: PathConfigs = new Map();
  readonly #leases = new Map<string, PullTarget>();
  #attempt: { readonly revision: number; readonly attempt: ProofAttempt } | null = null;
  readonly #seen = new Set<number>();
  #draws = 1;

  constructor(camera: Camera) {
    const stored = { rtmpPath: '', claimOwner: null, fence: 0, deletedAt: null, version: 1 };
    this.#record = { camera, aboutAsRead: camera.about, ...stored };
    this.#step();
  }

  get camera(): Camera {
    return this.#record.camera;
  }

  live(happening: Happening): void {
    this.#happen(happening);
    this.#step();
  }

  #happen(happening: Happening): void {
    switch (happening.kind) {
      case 'time-passes':
        this.#nowMs += happening.ms;
        break;
      case 'clock-jumps-back':
        this.#nowMs -= happening.ms;
        break;
      case 'cloud':
        this.#cloud = happening.gives;
        break;
      case 'stream':
        this.#shows = happening.shows;
        break;
      case 'viewers':
        this.#viewers = happening.count;
        break;
      case 'engine':
        this.#engineUp = happening.up;
        break;
      case 'relay':
        this.#relayUp = happening.up;
        break;
      case 'crash':
        this.#attempt = null;
        this.#asked = false;
        break;
      case 'asked':
        this.#asked = true;
        break;
      case 'mode':
      case 'enabled':
      case 'listing':
        this.#change(happening);
    }
  }

  #change(change: Extract<Happening, { kind: 'mode' | 'enabled' | 'listing' }>): void {
    const fields =
      change.kind === 'mode'
        ? { mode: change.mode }
        : change.kind === 'enabled'
          ? { enabled: change.enabled }
          : { status: change.status };
    this.#record = transitions.withChange(this.#record, fields, this.#now);
  }

  /** Renews, proves, hands over and tells the engine, until nothing is left to do at this moment. */
  #step(): void {
    const { lease } = this.camera;
    if (lease !== null && lease.expiresAt <= this.#now && this.camera.candidate === null) this.expired += 1;
    this.#renew();
    for (let rules = 0; rules < RULES_AT_MOST && this.#handOver(); rules++) this.#apply();
    this.#apply();
  }

  get #now(): Date {
    return new Date(this.#nowMs);
  }

  readonly #random = (): number => (this.#draws++ * 0.618_033_988_7) % 1;

  #renew(): void {
    const now = this.#now;
    const { camera } = this;
    if (decideRenewal(camera, now).action !== 'renew') return;
    if (this.#cloud === 'nothing' || this.#cloud === 'refusal') {
      const failureClass = this.#cloud === 'nothing' ? 'retry' : 'permanent';
      const error = new CameraError('CLOUD_TIMEOUT', failureClass, 'No answer.', { cure: 'Wait.' });
      const failure = nextFailure(camera.failure, error, camera, this.#random, now);
      this.#record = transitions.withFailure(this.#record, failure, now);
      return;
    }
    const lease = this.#newLease(now);
    this.obtained.push(lease.revision);
    this.#leases.set(pathSource(lease.url) ?? '', leaseTarget(lease));
    const isAlive = camera.lease !== null && camera.lease.expiresAt > now;
    this.#record = isAlive
      ? transitions.withCandidate(this.#record, lease, now)
      : transitions.withLease(this.#record, lease, now);
  }

  #newLease(now: Date): Lease {
    const revision = this.camera.lastRevision + 1;
    const expiresAt = new Date(now.getTime() + (this.#cloud === 'short' ? 90 * SECOND : 7 * DAY));
    const renewAt = chooseRenewAt({ obtainedAt: now, expiresAt }, null, this.#random);
    const url = `rtmp://vtm.ezvizlife.com:1935/v3/openlive/AB1234567_1_1?expire=${expiresAt.getTime()}&id=${revision}`;
    const fixed = { urlId: null, quality: 'main', proof: 'pending', provenAt: null, tracks: null } as const;
    return { ...fixed, revision, url, obtainedAt: now, expiresAt, renewAt };
  }

  /** True when something was done, so that the rules are asked once more. */
  #handOver(): boolean {
    const now = this.#now;
    const { camera } = this;
    const { candidate, lease } = camera;
    if (candidate === null || !camera.enabled || camera.status === 'missing') return false;
    const known = this.#attempt?.revision === candidate.revision ? this.#attempt.attempt : null;
    const isUnable = known?.outcome !== 'proven' && !this.#engineUp;
    const attempt: ProofAttempt | null = isUnable ? { outcome: 'unable', at: now } : known;
    const tracks = attempt?.outcome === 'proven' ? attempt.tracks : null;
    const isSame = !lease?.tracks || !tracks || sameTracks(lease.tracks, tracks);
    // Other sound is left out by the relay until nobody watches; only another codec of the picture is noticed.
    const movesFreely = this.#isRelayed;
    const swapsUnnoticed = movesFreely || (isAlwaysPulled(camera.mode) && isSame);
    const decision = decideHandover({
      ...{ camera, attempt, swapsUnnoticed, movesFreely, now },
      viewers: this.#viewers,
      asked: this.#asked,
    });
    switch (decision.action) {
      case 'none':
        return false;
      case 'prove':
        this.#prove(candidate.revision, now);
        return this.#engineUp;
      case 'hold':
        this.holds.push({ until: decision.until, now, isRelayed: movesFreely, reason: decision.reason });
        return false;
      case 'promote': {
        this.promotions.push({ proof: decision.proof, wasSeen: this.#seen.has(candidate.revision) });
        const promotion = { id: camera.id, revision: candidate.revision, proof: decision.proof, tracks };
        this.#record = transitions.promoted(this.#record, promotion, now) ?? this.#record;
        this.#asked = false;
        return true;
      }
      case 'reject': {
        const failure = nextFailure(camera.failure, decision.error, camera, this.#random, now);
        this.#record = transitions.rejected(this.#record, candidate.revision, failure, now) ?? this.#record;
        return true;
      }
    }
  }

  #prove(revision: number, at: Date): void {
    if (!this.#engineUp) return;
    const former = this.#attempt?.revision === revision ? this.#attempt.attempt : null;
    const tries = former?.outcome === 'no-picture' ? former.tries + 1 : 1;
    this.#attempt = { revision, attempt: this.#look(at, tries) };
    if (this.#attempt.attempt.outcome === 'proven') this.#seen.add(revision);
  }

  #look(at: Date, tries: number): ProofAttempt {
    const cure = 'Look at the camera.';
    switch (this.#shows) {
      case 'picture':
        return { outcome: 'proven', at, tracks: TRACKS };
      case 'other-tracks':
        return { outcome: 'proven', at, tracks: OTHER_TRACKS };
      case 'nothing':
        return {
          outcome: 'no-picture',
          at,
          tries,
          error: new CameraError('STREAM_NO_PICTURE', 'retry', 'None.', { cure }),
        };
      case 'h265':
        return { outcome: 'no-picture', at, tries, error: h265Error() };
      case 'camera-away': {
        const error = new CameraError('STREAM_NO_PICTURE', 'camera-state', 'Away.', { cure });
        return { outcome: 'no-picture', at, tries, error };
      }
    }
  }

  #apply(): void {
    const now = this.#now;
    const { camera } = this;
    const proving = (_camera: Camera, revision: number): boolean => this.#attempt?.revision === revision;
    const streams = desiredStreams([camera], now, { proving });
    const inForce = streams.get(camera.id)?.inForce ?? null;
    if (this.#isRelayed) {
      this.#relay(streams.get(camera.id), now);
      return;
    }
    const write = (leaving: PullTarget | null, bridge: 'begin' | 'keep' | 'end'): void => {
      const { paths } = desiredPaths(streams, now, {
        own: this.#paths,
        forwardTo: (id) => `rtsp://127.0.0.1:8554/${id}`,
        declare: () => ({ file: 'slate.mp4' }),
        leaving: () => leaving,
        bridge: () => bridge,
        bridgeFrom: (id, revision) => `rtsp://reader:secret@127.0.0.1:8554/_lease/${id}/${revision}`,
      });
      this.#paths = paths;
      this.#keepConfiguration(now);
    };
    const watched = this.#viewers !== 0;
    if (watched) write(this.#told, 'keep');
    write(null, watched ? 'begin' : 'end');
    this.#told = inForce;
    if (inForce) this.served.push({ revision: inForce.revision });
  }

  get #isRelayed(): boolean {
    return this.#relayUp && goesByRelay(this.camera.mode);
  }

  /** MediaMTX has one line that never changes, and the relay what it pulls and may look at. */
  #relay(stream: DesiredStream | undefined, now: Date): void {
    const when = isAlwaysPulled(this.camera.mode) ? 'always' : 'watched';
    this.#paths = stream ? new Map([[this.camera.id, pullPath('rtsp://127.0.0.1:8560/camera', when)]]) : new Map();
    const { inForce = null, candidate = null } = stream ?? {};
    const sources = [inForce, candidate].filter((lease) => lease !== null);
    this.configurations.push({ now, sources, forwarding: 0 });
    this.#told = inForce;
    if (inForce) this.served.push({ revision: inForce.revision });
  }

  #keepConfiguration(now: Date): void {
    const sources = [...this.#paths.values()].flatMap(({ source }) => this.#leases.get(source) ?? []);
    const forwarding = [...this.#paths.values()].filter(forwards).length;
    const pulled = [...this.#paths.keys()].filter((name) => leaseOfPath(name) !== null || name === this.camera.id);
    if (pulled.length !== this.#paths.size) throw new Error('a path that nobody asked for');
    this.configurations.push({ now, sources, forwarding });
  }
}
