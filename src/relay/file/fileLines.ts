import { z } from 'zod';
import type { CameraId } from '../../core/camera/camera.js';
import type { RelayCamera } from '../../core/streams/relay.js';
import { cameraIdSchema, cameraSchema } from '../wire/wire.js';

/** The relay's file has one JSON object in each line. The first line names the format; of two lines about one camera the later one counts. */
export type FileLine =
  | ({ readonly kind: 'head' } & FileHead)
  | { readonly kind: 'fence'; readonly fence: number }
  | { readonly kind: 'camera'; readonly id: CameraId; readonly camera: RelayCamera | null };

export interface FileHead {
  /** The password with which MediaMTX reads from the relay. */
  readonly reader: string;
  /** The secret with which camlease calls the relay's control port. */
  readonly control: string;
}

/** Counted up whenever older versions of the relay could no longer read the file. */
const FORMAT = 1;

const secret = z.string().min(16).max(200);
const headSchema = z.strictObject({ relay: z.literal(FORMAT), reader: secret, control: secret });
const fenceSchema = z.strictObject({ fence: z.int().min(0) });
const goneSchema = z.strictObject({ id: cameraIdSchema, gone: z.literal(true) });
const cameraLineSchema = cameraSchema.extend({ id: cameraIdSchema });
const newerSchema = z.object({ relay: z.int().min(FORMAT + 1) });

/** The file was written by a newer camlease; it is not read and not changed. */
export class NewerFileError extends Error {
  override readonly name = 'NewerFileError';
}

/** null: the line cannot be read. Throws `NewerFileError` for the first line of a newer format. */
export function readLine(text: string): FileLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const camera = cameraLineSchema.safeParse(value);
  if (camera.success) {
    const { id, ...rest } = camera.data;
    return { kind: 'camera', id, camera: rest };
  }
  const gone = goneSchema.safeParse(value);
  if (gone.success) return { kind: 'camera', id: gone.data.id, camera: null };
  const fence = fenceSchema.safeParse(value);
  if (fence.success) return { kind: 'fence', fence: fence.data.fence };
  const head = headSchema.safeParse(value);
  if (head.success) return { kind: 'head', reader: head.data.reader, control: head.data.control };
  if (newerSchema.safeParse(value).success) throw new NewerFileError('A newer camlease wrote the file.');
  return null;
}

export function headLine({ reader, control }: FileHead): string {
  return `${JSON.stringify({ relay: FORMAT, reader, control })}\n`;
}

export function fenceLine(fence: number): string {
  return `${JSON.stringify({ fence })}\n`;
}

export function cameraLine(id: CameraId, camera: RelayCamera | null): string {
  return `${JSON.stringify(camera === null ? { id, gone: true } : { id, ...camera })}\n`;
}
