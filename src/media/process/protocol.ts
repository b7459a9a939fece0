import { z } from 'zod';
import { CameraError, AppError, ERROR_CODES, messageOf, type ErrorCode } from '../../core/errors.js';
import { RELAY_REASONS } from '../../core/streams/relay.js';

/** The messages between camlease and the media process. Both sides validate what they get. */

const id = z.number().int();
const bytes = z
  .instanceof(Uint8Array)
  .transform((found): Buffer => Buffer.from(found.buffer, found.byteOffset, found.byteLength));
const audioTrackSchema = z.object({ codec: z.string(), sampleRate: z.number(), channels: z.number() });

export const requestSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('ping'), id }),
  z.object({ op: z.literal('prove'), id, url: z.string(), rhythmMs: z.number() }),
  z.object({ op: z.literal('shrink'), id, picture: bytes }),
  z.object({ op: z.literal('keyFrame'), id, keyFrame: bytes, codec: z.enum(['H264', 'H265']) }),
  z.object({
    op: z.literal('slate'),
    id,
    jpeg: bytes.nullable(),
    width: z.number(),
    height: z.number(),
    framesPerSecond: z.number(),
    audio: audioTrackSchema.nullable(),
    label: z.string(),
  }),
  z.object({
    op: z.literal('open'),
    id,
    cameraId: z.string(),
    source: z.object({ url: z.string(), revision: z.number(), withoutSound: z.boolean().exactOptional() }).nullable(),
    standIn: z.object({
      whenCold: z.boolean(),
      silentMs: z.number(),
      labelledMs: z.number(),
      longestMs: z.number().nullable(),
    }),
    timeZone: z.string(),
    segmentMs: z.number().exactOptional(),
  }),
  z.object({ op: z.literal('watched'), id, cameraId: z.string(), isWatched: z.boolean() }),
  z.object({ op: z.literal('close'), id, cameraId: z.string() }),
  z.object({
    op: z.literal('arrived'),
    id,
    cameraId: z.string(),
    revision: z.number().nullable(),
    limitMs: z.number(),
  }),
  z.object({ op: z.literal('provePull'), id, cameraId: z.string(), revision: z.number() }),
  z.object({ op: z.literal('states'), id }),
  z.object({ op: z.literal('whepOffer'), id, cameraId: z.string(), offer: z.string() }),
  z.object({ op: z.literal('whepClose'), id, sessionId: z.string() }),
  /** Begins a stream of MPEG-1 video, whose pieces come as reports until it ends. */
  z.object({ op: z.literal('mpeg1'), id, streamId: z.string(), url: z.string() }),
  z.object({ op: z.literal('mpeg1End'), id, streamId: z.string() }),
  z.object({ op: z.literal('thumbnail'), id, picture: bytes, width: z.number(), height: z.number() }),
  /** camlease no longer waits for the request with this id. */
  z.object({ op: z.literal('abort'), id }),
]);
export type Request = z.infer<typeof requestSchema>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type Task = WithoutId<Exclude<Request, { op: 'abort' }>>;

const wireErrorSchema = z.object({
  kind: z.enum(['camera', 'app', 'other']),
  code: z.string(),
  failureClass: z.enum(['permanent', 'retry', 'reauth', 'quota', 'camera-state']),
  message: z.string(),
  cure: z.string(),
});
export type WireError = z.infer<typeof wireErrorSchema>;

export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), version: z.string().nullable(), problem: z.string().nullable() }),
  z.object({ kind: z.literal('done'), id, value: z.unknown() }),
  z.object({ kind: z.literal('failed'), id, error: wireErrorSchema }),
  z.object({
    kind: z.literal('segment'),
    cameraId: z.string(),
    init: bytes.nullable(),
    body: bytes,
    durationMs: z.number(),
  }),
  z.object({ kind: z.literal('gone'), cameraId: z.string() }),
  z.object({ kind: z.literal('sessionEnd'), cameraId: z.string(), sessionId: z.string() }),
  z.object({ kind: z.literal('mpeg1Piece'), streamId: z.string(), body: bytes, isKey: z.boolean() }),
  z.object({ kind: z.literal('mpeg1Ended'), streamId: z.string(), error: wireErrorSchema }),
]);
export type MediaReport = z.infer<typeof reportSchema>;

const videoTrackSchema = z.object({ codec: z.string(), width: z.number(), height: z.number() });
export const proofSchema = z.object({
  tracks: z.object({ video: videoTrackSchema, audio: audioTrackSchema.nullable() }),
  framesPerSecond: z.number().nullable(),
  moves: z.boolean().nullable(),
  picture: bytes,
  keyFrames: z.object({ ageMs: z.number(), intervalMs: z.number().nullable() }).nullable(),
});
export const pictureSchema = bytes;
export const statesSchema = z.array(
  z.object({
    cameraId: z.string(),
    revision: z.number().nullable(),
    flowing: z.boolean(),
    standsIn: z.boolean(),
    bytesReceived: z.number(),
    pictureMsAgo: z.number().nullable(),
    sessions: z.number(),
    /** Why there is no picture; null: there is one, or the source is being opened. */
    problem: wireErrorSchema.nullable(),
    reason: z.enum(RELAY_REASONS).nullable(),
  }),
);
export const answerSchema = z.object({ sessionId: z.string(), answer: z.string() });

/** An error as a message. Other errors than our own lose their sentence where it contains an address, as FFmpeg's and werift's may. */
export function toWire(thrown: unknown): WireError {
  if (thrown instanceof CameraError) {
    const { code, failureClass, message, cure } = thrown;
    return { kind: 'camera', code, failureClass, message, cure };
  }
  if (thrown instanceof AppError) {
    return { kind: 'app', code: thrown.code, failureClass: 'retry', message: thrown.message, cure: thrown.cure ?? '' };
  }
  const message = messageOf(thrown).includes('://') ? 'The media process failed.' : messageOf(thrown);
  return {
    kind: 'other',
    code: 'MEDIA_PROCESS_FAILED',
    failureClass: 'retry',
    message,
    cure: 'Wait for the next try.',
  };
}

export function fromWire(error: WireError): Error {
  if (error.kind === 'app' && isErrorCode(error.code))
    return new AppError(error.code, error.message, { cure: error.cure });
  return new CameraError(error.code, error.failureClass, error.message, { cure: error.cure });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
