import { z } from 'zod';
import { cameraIdSchema, statesSchema } from './wire.js';

/** What parent and worker say to each other. Both sides parse what they get. */

export const orderSchema = z.discriminatedUnion('op', [
  /** With the socket of a reader, of whom the parent has read this much. It is answered nothing before `begin`. */
  z.object({ op: z.literal('serve'), id: z.int(), first: z.instanceof(Uint8Array) }),
  /** The parent has let go of that socket: until then it may read what the reader sends next, and lose it. */
  z.object({ op: z.literal('begin'), id: z.int() }),
  /** The file has grown, or was written anew. */
  z.object({ op: z.literal('read'), change: z.int() }),
  z.object({ op: z.literal('slate'), cameraId: cameraIdSchema }),
  z.object({ op: z.literal('states'), id: z.int() }),
  /** No reader comes any more; ends when the last one has left. */
  z.object({ op: z.literal('drain') }),
  z.object({ op: z.literal('stop') }),
]);
export type Order = z.infer<typeof orderSchema>;

export const reportSchema = z.discriminatedUnion('kind', [
  /** It has read the file and takes readers. */
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('read'), change: z.int() }),
  /** Connections of readers that are open. */
  z.object({ kind: z.literal('left') }),
  z.object({ kind: z.literal('states'), id: z.int(), states: statesSchema }),
  /** For the log: a sentence about a camera, without its address. */
  z.object({ kind: z.literal('news'), cameraId: cameraIdSchema, message: z.string() }),
  /** Why it is about to die: where in the code, never what it worked on. */
  z.object({ kind: z.literal('broke'), where: z.string() }),
]);
export type Report = z.infer<typeof reportSchema>;
