import { z } from 'zod';

/** What parent and splice process say to each other. Both sides parse what they get; reports are those of `media/protocol.ts`. */

const id = z.number().int();
const cameraId = z.string();

export const requestSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('ping'), id }),
  z.object({ op: z.literal('carry'), id, cameraId, from: z.string(), to: z.string(), revision: z.number() }),
  z.object({ op: z.literal('drop'), id, cameraId }),
  z.object({ op: z.literal('arrived'), id, cameraId, revision: z.number(), limitMs: z.number() }),
  z.object({ op: z.literal('carried'), id }),
  /** The request with this id is no longer waited for. */
  z.object({ op: z.literal('abort'), id }),
]);
export type SpliceRequest = z.infer<typeof requestSchema>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type SpliceTask = WithoutId<Exclude<SpliceRequest, { op: 'abort' }>>;

export const carriedSchema = z.array(z.object({ cameraId, revision: z.number().nullable(), bytes: z.number() }));
