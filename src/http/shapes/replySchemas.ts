import { z } from 'zod';
import { CAMERA_MODES, CAMERA_STATUSES, QUALITY_SETTINGS, SOUND_SETTINGS } from '../../core/camera/camera.js';
import { MASK } from '../../core/camera/maskedUrl.js';
import { LEASE_STEPS } from '../../core/handover/leaseEvents.js';
import { RELAY_REASONS, STREAM_CARRIERS } from '../../core/streams/relay.js';
import { JOBS } from '../../core/passes/pass.js';
import { RENEWAL_URGENCIES } from '../../core/renewal/renewal.js';
import { WHEN_GONE } from '../../core/camera/whenGone.js';
import { RENEWAL_STATES } from '../../core/health/renewalStory.js';
import { reportedStateReply } from './statusSchemas.js';
import { aboutReplyShape } from './aboutSchemas.js';
import { vendorWord } from './vendorWord.js';

/** Shapes of the replies: the OpenAPI document is made from them, and tests check real replies with them. */

const play = z.object({
  works: z.boolean().nullable().meta({ description: 'null: the codecs of the camera are not known yet.' }),
  why: z
    .string()
    .nullable()
    .meta({ description: 'Why it does not work, or what to know although it does (no sound, H.265); null: nothing.' }),
});

const plays = z
  .object({ hls: play, webrtc: play })
  .meta({ description: 'By which protocols the camera brings pictures and sound, by its codecs, and why not.' });

const notServed = z.array(z.enum(['hls', 'webrtc'])).meta({
  description:
    'Which of hlsUrl and webrtcUrl leads nowhere, because the media server does not serve it; absent: both are served.',
});

export const moment = z.iso.datetime();
export const count = z.int().min(0);
export const trouble = z.object({ code: z.string(), message: z.string(), cure: z.string() });
export const success = z.literal(true);

export const errorReply = z
  .object({
    success: z.literal(false),
    message: z.string().optional().meta({
      description:
        'The sentence of the error for clients of the Hikvision guide, which read it here; a camera that does not exist is "Camera not found".',
    }),
    error: z.object({
      code: z.string(),
      reason: z
        .string()
        .optional()
        .meta({ description: 'A word from a fixed list, of codes that have several reasons.' }),
      message: z.string(),
      cure: z.string().optional(),
    }),
  })
  .meta({ id: 'Error' });

const tracksReply = z
  .object({
    video: z.object({ codec: z.string(), width: count, height: count }),
    audio: z
      .object({ codec: z.string(), sampleRate: count.meta({ description: 'Hz.' }), channels: count })
      .nullable()
      .meta({ description: 'null: no sound.' }),
  })
  .meta({ id: 'Tracks', description: 'Codec and size of the picture, codec and rate of the sound.' });

export const leaseReply = z
  .object({
    revision: z.int().min(1),
    quality: z.enum(['main', 'sub']),
    obtainedAt: moment,
    expiresAt: moment,
    renewAt: moment,
    lastSafeMoment: moment,
    proof: z.enum(['pending', 'proven', 'failed', 'unproven']),
    provenAt: moment.nullable(),
    tracks: tracksReply.nullable().meta({ description: 'As the proof of the lease found it; null: not proven yet.' }),
  })
  .meta({ id: 'Lease', description: 'The right to pull one live URL until `expiresAt`. No reply shows the URL.' });

const candidateReply = leaseReply
  .extend({
    fault: trouble.nullable().meta({ description: 'Why the latest proof failed; null: it did not fail.' }),
  })
  .meta({ id: 'Candidate', description: 'A new lease that is stored but not in force yet.' });

export const failureReply = z
  .object({ ...trouble.shape, since: moment, at: moment, attempts: z.int().min(1), nextLookAt: moment.nullable() })
  .meta({ id: 'Failure' });

const health = z.enum(['healthy', 'idle', 'failing', 'dark', 'unknown', 'disabled']).meta({ id: 'HealthState' });

const renewal = z
  .object({
    state: z.enum(RENEWAL_STATES),
    reason: z.string().meta({ description: 'A word from a fixed list, or the code of the failure.' }),
    sentence: z.string(),
    nextStep: z.string(),
    nextStepAt: moment.nullable().meta({
      description:
        'When the next step comes at the latest; null: at once, or only after a change. In the past: overdue.',
    }),
    forcedAt: moment
      .nullable()
      .meta({ description: 'When the new lease takes over even if somebody watches; null: no lease waits.' }),
    urgency: z.enum(RENEWAL_URGENCIES).meta({
      description:
        '`pressing`: the renewal fails or is overdue, but there is time left. `emergency`: the lease is in its last hours or has run out.',
    }),
  })
  .meta({ id: 'Renewal', description: 'Where the renewal stands, and what happens next and when.' });

const stream = z
  .object({
    revision: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: 'The revision of the lease that the media server serves.' }),
    flow: z.enum(['flowing', 'starting', 'idle', 'stopped', 'unknown']),
    carrier: z.enum(STREAM_CARRIERS).nullable().meta({
      description: 'What brings the pictures to the public path; null: the media server pulls the camera itself.',
    }),
    reason: z.enum(RELAY_REASONS).nullable().meta({
      description:
        'Why the relay brings no picture, or why its latest pull ended; null: no pull has ended since pictures last came, or there is no relay.',
    }),
    viewers: count.nullable().meta({ description: 'How many people watch; null: not known.' }),
  })
  .meta({ id: 'SeenStream', description: 'What the media server reports about the camera.' });

export const cameraReply = z
  .object({
    id: z.string(),
    _id: z.string().meta({ description: 'The same as `id`, for clients of the Hikvision guide.' }),
    name: z.string(),
    rtmpPath: z.string().meta({ description: 'What is pulled, masked; empty: nothing yet.' }),
    vendor: vendorWord
      .nullable()
      .meta({ description: 'The vendor whose cloud leases the camera; null: the camera has an address of its own.' }),
    account: z.string().nullable(),
    hikvisionDeviceSerial: z.string(),
    hikvisionResourceId: z.string(),
    hikvisionEnabled: z.boolean(),
    channel: z.int().nullable(),
    source: z
      .object({
        kind: z.enum(['url']),
        url: z.string().meta({
          description: 'The address without its login; `***` stands for parts that may be secret, such as its query.',
        }),
        user: z.literal(MASK).nullable().meta({
          description: '`***`: the camera has a login, which no reply shows; null: it has none.',
        }),
        revision: z.int().min(1).meta({ description: 'One more with each new address or login.' }),
        tracks: tracksReply.nullable().meta({ description: 'As the latest opening found them; null: not opened yet.' }),
        openedAt: moment.nullable().meta({ description: 'When the address last opened; null: not yet.' }),
      })
      .optional()
      .meta({ description: 'The source of a camera with an address of its own; absent: a cloud leases the camera.' }),
    status: z.enum(CAMERA_STATUSES),
    mode: z.enum(CAMERA_MODES),
    errorClipCheck: z.boolean(),
    whenGone: z.enum(WHEN_GONE),
    sound: z.enum(SOUND_SETTINGS).meta({ description: '`off`: viewers get the picture alone.' }),
    quality: z.enum(QUALITY_SETTINGS),
    labels: z.array(z.string()),
    ...aboutReplyShape,
    origin: z.enum(['discovered', 'hand-made']),
    feed: z
      .object({ name: z.string(), key: z.string() })
      .nullable()
      .meta({ description: 'The list that the camera came from, and its key there; null: no list.' }),
    lease: leaseReply.nullable(),
    candidate: candidateReply.nullable(),
    health: z.object({
      state: health,
      reason: z.string(),
      sentence: z.string(),
      nextStep: z.string(),
      nextStepAt: moment.nullable(),
    }),
    renewal,
    stream: stream.nullable(),
    said: reportedStateReply,
    failure: failureReply.nullable(),
    notice: z.string().nullable(),
    plays,
    links: z.object({ hlsUrl: z.url(), webrtcUrl: z.url(), notServed: notServed.optional() }),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Camera' });

const said = z.string().optional().meta({ description: 'What was done, in a few words.' });

export const oneCameraReply = z.object({ success, message: said, camera: cameraReply });

export const guideStatusReply = z.object({
  success,
  count,
  cameras: z.array(
    z.object({
      _id: z.string(),
      name: z.string(),
      rtmpPath: z.string(),
      hikvisionDeviceSerial: z.string(),
      hikvisionResourceId: z.string(),
      status: z.enum(['active', 'inactive']),
      updatedAt: moment,
    }),
  ),
});
export const camerasReply = z.object({
  success,
  cameras: z.array(cameraReply),
  total: count,
  health: z.partialRecord(health, count).meta({ description: 'How many cameras of the search are in which state.' }),
  healthOfAll: z.partialRecord(health, count).meta({ description: 'The same for all cameras, without the search.' }),
  leftOut: z.array(z.object({ id: z.string(), message: z.string(), cure: z.string() })).meta({
    description:
      'Stored documents that cannot be read as cameras, with the reason. Discovery does not make cameras in their place.',
  }),
});
export const eventReply = z
  .object({
    id: z.string(),
    at: moment,
    cameraId: z.string(),
    step: z.enum(LEASE_STEPS),
    revision: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: 'The revision of the lease; null: the cloud gave no lease.' }),
    reason: z.string().meta({ description: 'A word from a fixed list, or the code of a failure.' }),
    message: z.string(),
  })
  .meta({ id: 'LeaseEvent', description: "One step of a lease's life." });

export const eventsReply = z.object({
  success,
  events: z.array(eventReply),
  next: z
    .string()
    .nullable()
    .meta({ description: 'The `before` to ask for the next page with; null: this is the last page.' }),
});

export const planReply = z
  .object({
    success,
    changes: z.array(
      z.object({
        cameraId: z.string(),
        how: z.enum(['none', 'hot', 'handover', 'rebuild']).meta({
          description:
            '`hot`: no viewer notices. `handover`: the picture freezes until the next key frame. `rebuild`: viewers are dropped and have to reconnect.',
        }),
        sentence: z
          .string()
          .meta({ description: 'What viewers notice of the change, and what is different for them afterwards.' }),
        viewers: count.nullable().meta({ description: 'People watching now; null: could not be read.' }),
        movesTo: z.enum(['relay', 'media-server']).nullable().meta({
          description:
            'What pulls the camera after the change; null: no difference, or the camera is added or removed.',
        }),
        paths: z.array(z.object({ name: z.string(), action: z.enum(['add', 'change', 'remove']) })),
      }),
    ),
    summary: z.object({
      none: count.meta({ description: 'Requested cameras that would not change.' }),
      hot: count,
      handover: count,
      rebuild: count,
      viewersFrozen: count.meta({ description: 'Number of viewers who would see a short freeze.' }),
      viewersDropped: count.meta({ description: 'Number of viewers who would be dropped.' }),
      toRelay: count.meta({ description: 'Cameras that the relay pulls after the change.' }),
      toMediaServer: count.meta({ description: 'Cameras that the media server pulls itself after the change.' }),
      viewersUnknown: count.meta({ description: 'Cameras with a freeze or a drop whose viewers could not be read.' }),
    }),
  })
  .meta({ id: 'Plan' });

export const removedReply = z.object({ success, message: said });

export const notLiveReply = z.object({
  success: z.literal(false),
  message: z.string().optional(),
  error: z.object({ code: z.literal('CAMERA_NOT_LIVE'), reason: z.string(), message: z.string(), cure: z.string() }),
});

export const liveReply = z.object({
  success,
  hlsUrl: z.url(),
  webrtcUrl: z
    .url()
    .meta({ description: 'A web page that plays the camera by WebRTC; its WHEP endpoint is `<webrtcUrl>/whep`.' }),
  notServed: notServed.optional(),
  plays,
  trouble: trouble.optional().meta({
    description:
      'Why the camera shows no picture now; absent: no problem is known. Players may use the addresses in any case.',
  }),
  cameraInfo: z.object({
    id: z.string(),
    name: z.string(),
    vendor: vendorWord.nullable(),
    hikvisionDeviceSerial: z.string(),
    channel: z.int().nullable(),
    status: z.enum(CAMERA_STATUSES),
    quality: z
      .enum(['main', 'sub'])
      .nullable()
      .meta({ description: 'null, like expiresAt and proof: the camera has an address of its own and no lease.' }),
    expiresAt: moment.nullable(),
    proof: z.string().nullable(),
    location: z.string().nullable(),
    city: z.string().nullable(),
    image: z.string().nullable(),
    members: z.array(z.string()),
  }),
});

export const accountNote = z
  .object({
    ...trouble.shape,
    records: z
      .array(
        z.object({
          listing: z.enum(['cameras', 'devices']),
          position: count.meta({ description: 'Which record of the listing it is, counted from 1 over all pages.' }),
          deviceSerial: z.string().nullable(),
          field: z
            .string()
            .meta({ description: 'The field that is missing or of an unexpected kind, as the vendor names it.' }),
        }),
      )
      .meta({ description: 'The first odd records of the listing; empty when the note is not about records.' }),
  })
  .meta({ id: 'AccountNote', description: 'What is strange about the listing of an account that its cloud accepts.' });

export const accountsReply = z.object({
  success,
  accounts: z.array(
    z.object({
      name: z.string(),
      vendor: vendorWord,
      state: z.enum(['usable', 'waiting', 'refused']),
      usable: z
        .boolean()
        .meta({ description: "False: camlease cannot use the account's cloud now; `failure` has the reason." }),
      failure: trouble.nullable(),
      queued: z.object({ renew: count, discover: count, capture: count }),
      notes: z.array(accountNote).meta({ description: 'A note stays until a listing has no such problem.' }),
    }),
  ),
  total: count,
});
export const triedReply = z.object({
  success,
  vendor: vendorWord,
  areaDomain: z.string(),
  cloudTime: moment.nullable(),
  clockOffsetMs: z.number().nullable(),
});

export const healthReply = z.object({ success, status: z.literal('alive'), version: z.string() });
export const readyReply = z.object({
  success: z.boolean(),
  ready: z.boolean(),
  parts: z.record(
    z.string(),
    z.object({
      ready: z.boolean(),
      problem: z.string().nullable(),
      note: z.string().optional().meta({ description: 'A change in progress that is no problem; absent: none.' }),
    }),
  ),
  running: z.array(z.object({ job: z.enum(JOBS), pass: z.string() })).meta({ description: 'Passes that run now.' }),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
