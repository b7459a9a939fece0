import { sleep } from '../../core/clock.js';
import type { ReaderEnd } from '../../core/streams/readerFrames.js';
import { checkedGet, connectionFault, type Got, type HttpDeps, type HttpLogin } from '../dialing/checkedGet.js';
import { wholeBody } from '../dialing/httpBody.js';
import { SourceFault } from '../dialing/sourceFault.js';
import { JpegCutter, MOST_JPEG_BYTES, type Jpeg } from './jpegCutter.js';

export interface JpegSourceOptions {
  readonly http: HttpDeps;
  readonly login: HttpLogin | null;
  readonly signal: AbortSignal;
  /** So many bytes arrived. */
  readonly onBytes: (count: number) => void;
}

const MOST_REDIRECTS = 5;
/** So long without a whole picture ends the source, however many bytes come. */
const SILENCE_MS = 15_000;
/** A camera that makes a picture for each request gets one in so much time, and the next only after its answer. */
const ASK_EVERY_MS = 1_000;
const ANSWER_MS = 10_000;
/** What may pass by itself while a camera is asked again and again. A refused login is none: many cameras lock a user out. */
const FOR_NOW: ReadonlySet<ReaderEnd> = new Set(['connection', 'silence', 'refused', 'too-many', 'not-found']);

/** The pictures of one answer without end. Throws `SourceFault`, at its end too. */
export async function* streamedJpegs(
  { response }: Got,
  { http, signal, onBytes }: JpegSourceOptions,
): AsyncGenerator<Jpeg> {
  const cutter = new JpegCutter();
  const watch = (): (() => void) =>
    http.clock.after(SILENCE_MS, () => response.destroy(new SourceFault('silence', 'NO_JPEG')));
  let cancel = watch();
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      onBytes(chunk.length);
      for (const jpeg of cutter.take(chunk)) {
        cancel();
        cancel = watch();
        yield jpeg;
      }
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof Error ? connectionFault(thrown) : thrown;
  } finally {
    cancel();
    response.destroy();
  }
  throw response.complete ? new SourceFault('ended', 'HTTP') : new SourceFault('connection', 'CLOSED');
}

/** The pictures of an address that answers one for each request. `first`: its first answer. Throws `SourceFault`. */
export async function* polledJpegs(first: Got, options: JpegSourceOptions): AsyncGenerator<Jpeg> {
  const { http, login, signal } = options;
  const { clock } = http;
  yield await jpegIn(first, options);
  let lastMs = clock.monotonicMs();
  for (let askedMs = lastMs; ;) {
    await sleep(clock, Math.max(0, askedMs + ASK_EVERY_MS - clock.monotonicMs()), signal);
    askedMs = clock.monotonicMs();
    try {
      const got = await checkedGet(http, first.url, { login, mostRedirects: MOST_REDIRECTS, signal });
      yield await jpegIn(got, options);
      lastMs = clock.monotonicMs();
    } catch (thrown) {
      signal.throwIfAborted();
      const mayPass = thrown instanceof SourceFault && FOR_NOW.has(thrown.why);
      if (!mayPass || clock.monotonicMs() - lastMs > SILENCE_MS) throw thrown;
    }
  }
}

async function jpegIn({ response }: Got, { http, onBytes }: JpegSourceOptions): Promise<Jpeg> {
  const body = await wholeBody(http.clock, response, { mostBytes: MOST_JPEG_BYTES, withinMs: ANSWER_MS });
  onBytes(body.length);
  const [jpeg] = new JpegCutter().take(body);
  if (jpeg === undefined) throw new SourceFault('not-a-stream', 'NO_JPEG');
  return jpeg;
}
