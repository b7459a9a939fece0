import { z } from 'zod';
import type { CameraId } from '../../core/camera/camera.js';
import { CAMERA_ID } from '../../core/camera/cameraIdForm.js';
import { SOUND_SETTINGS } from '../../core/camera/camera.js';
import { WHEN_GONE } from '../../core/camera/whenGone.js';
import { GIVEN_BY, type PullTarget } from '../../core/streams/pullTarget.js';
import { RELAY_REASONS, type RelayCamera } from '../../core/streams/relay.js';

/** The JSON form of cameras, in the relay's file and in requests to its control port; times are ISO 8601 text. */

export const cameraIdSchema = z.string().regex(CAMERA_ID);

const LONGEST_URL = 4_096;

export const tracksSchema = z.object({
  video: z.object({ codec: z.string().max(64), width: z.number(), height: z.number() }),
  audio: z.object({ codec: z.string().max(64), sampleRate: z.number(), channels: z.number() }).nullable(),
});

export const targetSchema: z.ZodType<PullTarget> = z.object({
  url: z.string().max(LONGEST_URL),
  /** An older camlease leaves this out, and so do files that it wrote. */
  givenBy: z.enum(GIVEN_BY).default('cloud'),
  revision: z.int().min(0),
  endsAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .nullable(),
  tracks: tracksSchema.nullable(),
});

export const cameraSchema = z.object({
  target: targetSchema.nullable(),
  candidate: targetSchema.nullable(),
  whenGone: z.enum(WHEN_GONE),
  cap: z.object({ group: z.string().max(200), most: z.int().min(0) }).nullable(),
  sound: z.enum(SOUND_SETTINGS).exactOptional(),
});

/** `null`: the camera was removed. */
export type ToldCamera = readonly [CameraId, RelayCamera | null];

/** The state of one camera's stream, as workers report it and the control port answers it. */
export const relayedSchema = z.object({
  state: z.enum(['opening', 'live', 'bridging', 'dark']),
  revision: z.number().nullable(),
  readers: z.number(),
  bytesReceived: z.number(),
  quietMs: z.number().nullable(),
  // A newer relay may send reasons that this version does not know.
  reason: z.enum(RELAY_REASONS).nullable().catch(null),
  /** Older relays leave this out. */
  protocolFailures: z.number().default(0),
  /** Older relays leave this out too, and newer ones for a source that is not slow. */
  slowStepMs: z.number().exactOptional(),
  /** Left out while it is 0, and by older relays. */
  endedPulls: z.number().exactOptional(),
});

export const statesSchema = z.array(z.tuple([cameraIdSchema, relayedSchema]));

/** The body of `POST /orphans`: the stream states of a worker of an earlier parent. */
export const orphanReportSchema = z.object({ pid: z.int().positive(), states: statesSchema });
export type OrphanReport = z.infer<typeof orphanReportSchema>;

/** Version of the control protocol. A camlease and a relay with different numbers do not understand each other. */
export const CONTROL_PROTOCOL = 1;

/** The answer to `GET /status`. It contains the password of readers, so only a client with the control port's secret gets it. */
export const statusSchema = z.object({
  pid: z.int(),
  version: z.string(),
  protocol: z.int().default(1),
  /** Identifies one start of the parent. */
  run: z.string(),
  /** The number of the latest change in this run, whichever replica made it. */
  change: z.int(),
  cameras: z.int(),
  fence: z.int(),
  workers: z.array(z.object({ pid: z.int(), readers: z.int(), isReady: z.boolean(), isDraining: z.boolean() })),
  reader: z.object({ port: z.int(), password: z.string() }),
  /** The relay's SOURCE_NETWORKS; older relays leave this out. */
  sourceNetworks: z.string().default(''),
  /** The relay's TRANSCODES_MAX; older relays leave this out. */
  mostTranscodes: z.int().default(0),
  problem: z.object({ message: z.string(), cure: z.string() }).nullable(),
});
export type RelayStatus = z.infer<typeof statusSchema>;

export const tellSchema = z.object({
  /** null: sent by a camlease that shares its database with no other replica. */
  fence: z.int().min(0).nullable(),
  /** The change that `cameras` builds on; null: `cameras` are all there are. */
  since: z.object({ run: z.string(), change: z.int() }).nullable(),
  cameras: z.record(cameraIdSchema, cameraSchema.nullable()),
});

export const toldSchema = z.object({ run: z.string(), change: z.int() });

/** The body of an answer without content. */
export const emptySchema = z.object({});

export const refusalSchema = z.object({ code: z.string(), message: z.string(), cure: z.string() });
export type Refusal = z.infer<typeof refusalSchema>;

/** The body of `POST /stop`. `keep`: the parent ends and its workers serve their readers to the end; `end`: everything ends. */
export const stopSchema = z.object({ readers: z.enum(['end', 'keep']) });
