import { z } from 'zod';
import { GIVEN_BY, type PullTarget } from '../../core/streams/pullTarget.js';
import { reportedOutcome } from './opening.js';
import { cameraIdSchema, statesSchema, tracksSchema } from './wire.js';

/** The messages between the relay's parent and its workers: orders to a worker, reports from it. Both sides validate what they get. */

/** Between the processes times are sent as they are. */
const orderedTarget: z.ZodType<PullTarget> = z.object({
  url: z.string(),
  givenBy: z.enum(GIVEN_BY),
  revision: z.int(),
  endsAt: z.date().nullable(),
  tracks: tracksSchema.nullable(),
});

export const orderSchema = z.discriminatedUnion('op', [
  /** Comes with a reader's socket; `first`: the bytes that the parent has read from it. The worker does not serve the reader before `begin`. */
  z.object({ op: z.literal('serve'), id: z.int(), first: z.instanceof(Uint8Array) }),
  /** The parent has closed its copy of that socket. Until then the parent could still read, and lose, what the reader sends. */
  z.object({ op: z.literal('begin'), id: z.int() }),
  /** The relay's file was appended to or rewritten; the worker reads it up to this change. */
  z.object({ op: z.literal('read'), change: z.int() }),
  z.object({ op: z.literal('slate'), cameraId: cameraIdSchema }),
  z.object({ op: z.literal('states'), id: z.int() }),
  /** The worker pulls the target once and reports what came of it, or stops at `close`. */
  z.object({ op: z.literal('open'), id: z.int(), target: orderedTarget }),
  z.object({ op: z.literal('close'), id: z.int() }),
  /** The camera refused the login of this target `agoMs` ms ago; null: the login may be tried again. */
  z.object({ op: z.literal('login-refused'), key: z.string(), agoMs: z.number().nullable() }),
  /** The answer to `transcode-wanted`. */
  z.object({ op: z.literal('transcode'), id: z.int(), isGiven: z.boolean() }),
  /** The worker gets no more readers, and ends when its last one has left. */
  z.object({ op: z.literal('drain') }),
  z.object({ op: z.literal('stop') }),
]);
export type Order = z.infer<typeof orderSchema>;

export const reportSchema = z.discriminatedUnion('kind', [
  /** The worker has read the relay's file and takes readers. */
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('read'), change: z.int() }),
  /** A reader's connection has closed. */
  z.object({ kind: z.literal('left') }),
  z.object({ kind: z.literal('states'), id: z.int(), states: statesSchema }),
  /** What came of an opening. */
  z.object({ kind: z.literal('opened'), id: z.int(), outcome: reportedOutcome }),
  /** A camera refused the login of this target. */
  z.object({ kind: z.literal('login-refused'), key: z.string() }),
  /** The worker asks for a place among the transcodes of the relay, or gives it back; `id` is the worker's number of it. */
  z.object({ kind: z.literal('transcode-wanted'), id: z.int() }),
  z.object({ kind: z.literal('transcode-over'), id: z.int() }),
  /** A sentence about a camera for the relay's log, without any address. */
  z.object({ kind: z.literal('news'), cameraId: cameraIdSchema, message: z.string() }),
  /** The worker is about to end because of an error. `where`: the place in the code, without any data. */
  z.object({ kind: z.literal('broke'), where: z.string() }),
]);
export type WorkerReport = z.infer<typeof reportSchema>;
