import { z } from 'zod';
import type { CameraId } from '../../core/camera/camera.js';
import { WHEN_GONE } from '../../core/camera/whenGone.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { RELAY_REASONS, type RelayCamera } from '../../core/streams/relay.js';

/** How cameras stand in the relay's file and in the bodies of its control port: JSON, with times as ISO 8601 text. */

/** A name of a path that MediaMTX takes. */
export const cameraIdSchema = z.string().regex(/^(?!_lease\/)[0-9A-Za-z_\-/.]{1,200}$/);

const LONGEST_URL = 4_096;

const tracksSchema = z.object({
  video: z.object({ codec: z.string().max(64), width: z.number(), height: z.number() }),
  audio: z.object({ codec: z.string().max(64), sampleRate: z.number(), channels: z.number() }).nullable(),
});

const targetSchema: z.ZodType<PullTarget> = z.object({
  url: z.string().max(LONGEST_URL),
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
});

/** `null`: the camera is no longer there. */
export type CameraChange = readonly [CameraId, RelayCamera | null];

/** What one camera's stream does, as workers and the control port tell it. */
export const relayedSchema = z.object({
  state: z.enum(['opening', 'live', 'bridging', 'dark']),
  revision: z.number().nullable(),
  readers: z.number(),
  bytesReceived: z.number(),
  quietMs: z.number().nullable(),
  // Another version may know more of them.
  reason: z.enum(RELAY_REASONS).nullable().catch(null),
  /** A relay of before does not count them. */
  protocolFailures: z.number().default(0),
});

export const statesSchema = z.array(z.tuple([cameraIdSchema, relayedSchema]));

/** What a worker of a parent before this one says of its streams. */
export const orphanReportSchema = z.object({ pid: z.int().positive(), states: statesSchema });
export type OrphanReport = z.infer<typeof orphanReportSchema>;

/** What the control port speaks: another number when a camlease and a relay that differ in it no longer understand each other. */
export const CONTROL_PROTOCOL = 1;

/** How the relay as a whole is. Holds the password of its readers, so only who may write it is answered so. */
export const statusSchema = z.object({
  pid: z.int(),
  version: z.string(),
  protocol: z.int().default(1),
  /** Another one for each start of the parent. */
  run: z.string(),
  /** Of the latest change of this run; another writer's changes count, too. */
  change: z.int(),
  cameras: z.int(),
  fence: z.int(),
  workers: z.array(z.object({ pid: z.int(), readers: z.int(), isReady: z.boolean(), isDraining: z.boolean() })),
  reader: z.object({ port: z.int(), password: z.string() }),
  problem: z.object({ message: z.string(), cure: z.string() }).nullable(),
});
export type RelayStatus = z.infer<typeof statusSchema>;

export const tellSchema = z.object({
  /** null: of a camlease that shares its database with nobody. */
  fence: z.int().min(0).nullable(),
  /** The change after which these are the differences; null: they are all cameras there are. */
  since: z.object({ run: z.string(), change: z.int() }).nullable(),
  cameras: z.record(cameraIdSchema, cameraSchema.nullable()),
});

export const toldSchema = z.object({ run: z.string(), change: z.int() });

/** The answer to what has none. */
export const emptySchema = z.object({});

export const refusalSchema = z.object({ code: z.string(), message: z.string(), cure: z.string() });
export type Refusal = z.infer<typeof refusalSchema>;

/** `keep`: what the workers read goes on to its end without the relay's parent. */
export const stopSchema = z.object({ readers: z.enum(['end', 'keep']) });
