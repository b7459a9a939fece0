import type { Camera, CloudSource, Failure, UrlSource } from '../../src/core/camera/camera.js';
import { NOTHING_ABOUT } from '../../src/core/camera/cameraAbout.js';
import type { CloudCamera, UrlCamera } from '../../src/core/camera/cameraSource.js';
import type { Lease } from '../../src/core/camera/lease.js';
import type { StreamTracks } from '../../src/core/camera/tracks.js';
import { eventId, type LeaseEvent } from '../../src/core/handover/leaseEvents.js';
import { plannedAfterMs } from '../../src/core/renewal/renewalMoment.js';

/** The present moment for all builders, and the start of a `TurnedClock`. */
export const T0 = new Date('2026-01-05T08:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A moment `ms` after T0. */
export function at(ms: number): Date {
  return new Date(T0.getTime() + ms);
}

/** A lease of seven days that was obtained at T0 and is proven. */
export function aLease(more: Partial<Lease> = {}): Lease {
  const obtainedAt = more.obtainedAt ?? T0;
  const expiresAt = more.expiresAt ?? new Date(obtainedAt.getTime() + 7 * DAY);
  const life = expiresAt.getTime() - obtainedAt.getTime();
  const revision = more.revision ?? 1;
  return {
    revision,
    url: `rtmp://vtm.ezvizlife.com:1935/v3/openlive/AB1234567_1_1?expire=${Math.floor(expiresAt.getTime() / 1000)}&id=${revision}`,
    urlId: String(revision),
    quality: 'main',
    obtainedAt,
    expiresAt,
    renewAt: new Date(obtainedAt.getTime() + plannedAfterMs(life)),
    proof: 'proven',
    provenAt: obtainedAt,
    tracks: null,
    ...more,
  };
}

/** H264 with AAC. */
export const SOUND_TRACKS: StreamTracks = {
  video: { codec: 'H264', width: 1280, height: 720 },
  audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 },
};

/** A candidate of revision 2, obtained on day 5. */
export function aCandidate(more: Partial<Lease> = {}): Lease {
  return aLease({ revision: 2, obtainedAt: at(5 * DAY), proof: 'pending', provenAt: null, ...more });
}

export function aFailure(more: Partial<Failure> = {}): Failure {
  return {
    code: 'CLOUD_TIMEOUT',
    failureClass: 'retry',
    message: 'The cloud did not answer in time.',
    cure: 'camlease tries again by itself.',
    since: T0,
    at: T0,
    attempts: 1,
    nextLookAt: at(5 * SECOND),
    ...more,
  };
}

export type CameraParts = Partial<Omit<Camera, 'source'>> & { readonly source?: Partial<CloudSource> };

/** An active, discovered camera without a lease. */
export function aCamera(more: CameraParts = {}): CloudCamera {
  const { source, ...rest } = more;
  return {
    id: '0123456789abcdef01234567',
    name: 'Gate',
    enabled: true,
    status: 'active',
    mode: 'on-demand',
    quality: 'auto',
    learnedQuality: null,
    errorClipCheck: true,
    whenGone: 'slate',
    sound: 'on',
    labels: [],
    about: NOTHING_ABOUT,
    origin: 'discovered',
    feed: null,
    lease: null,
    candidate: null,
    lastRevision: rest.candidate?.revision ?? rest.lease?.revision ?? 0,
    failure: null,
    notice: null,
    missingSince: null,
    retiredUrlIds: [],
    createdAt: T0,
    updatedAt: T0,
    ...rest,
    source: {
      kind: 'cloud',
      vendor: 'hikconnect',
      account: 'hikvision',
      deviceSerial: 'AB1234567',
      channel: 1,
      resourceId: 'resource-1',
      ...source,
    },
  };
}

/** An active camera with an address of its own. */
export function aUrlCamera(
  more: Partial<Omit<Camera, 'source'>> & { readonly source?: Partial<UrlSource> } = {},
): UrlCamera {
  const { source, ...rest } = more;
  const own: UrlSource = {
    kind: 'url',
    url: 'rtmp://127.0.0.1:9/live/yard',
    login: { user: 'user', password: 'secret' },
    ...{ revision: 1, tracks: null, openedAt: null },
    ...source,
  };
  return { ...aCamera({ id: 'yard', name: 'Yard', origin: 'hand-made', ...rest }), source: own };
}

/** A step of a lease; by default a promotion at T0. */
export function aLeaseEvent(more: Partial<LeaseEvent> = {}): LeaseEvent {
  const event = {
    at: T0,
    cameraId: '0123456789abcdef01234567',
    step: 'promoted' as const,
    revision: 1,
    reason: 'nobody-watches',
    message: 'It is in force from now on.',
    ...more,
  };
  return { id: eventId(event), ...event };
}
