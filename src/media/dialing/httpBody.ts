import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { connectionFault } from './checkedGet.js';
import { SourceFault } from './sourceFault.js';

export interface BodyLimits {
  readonly mostBytes: number;
  /** For the whole body: one that drips in is given up too. */
  readonly withinMs: number;
}

/** Reads a body to its end. Throws `SourceFault` where it is too long or too slow; the connection is closed then. */
export async function wholeBody(
  clock: Clock,
  response: IncomingMessage,
  { mostBytes, withinMs }: BodyLimits,
): Promise<Buffer> {
  const cancel = clock.after(withinMs, () => response.destroy(new SourceFault('silence', 'HTTP')));
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new SourceFault('not-a-stream', 'TOO_LONG');
      chunks.push(chunk);
    }
  } catch (thrown) {
    throw thrown instanceof Error ? connectionFault(thrown) : thrown;
  } finally {
    cancel();
    response.destroy();
  }
  if (!response.complete) throw new SourceFault('connection', 'CLOSED');
  return Buffer.concat(chunks);
}
