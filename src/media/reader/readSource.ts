import type { Clock, Random } from '../../core/clock.js';
import { ChallengedLogin } from '../../core/login/challengedLogin.js';
import type { Av } from '../av.js';
import { HlsSource } from '../hls/hlsSource.js';
import { checkedGet, httpUrl, type Got, type HttpDeps, type HttpLogin } from '../dialing/checkedGet.js';
import { polledJpegs, streamedJpegs } from '../mjpeg/jpegSource.js';
import { pictureKind, type PictureKind } from '../mjpeg/pictureKind.js';
import { demuxSegment } from './demux.js';
import { Pacer } from './pacer.js';
import type { ReadUnit } from './readUnit.js';
import { SourceFault } from '../dialing/sourceFault.js';
import { transcodeJpegs } from './transcodeJpegs.js';

const MOST_REDIRECTS = 5;
/** So many segments in a row without a picture are no source of pictures. */
const MOST_EMPTY = 3;

export interface SourceDeps {
  readonly av: Av;
  readonly http: HttpDeps;
  readonly clock: Clock;
}

export interface SourceOut {
  /** At the pace of a live stream. */
  readonly onUnit: (unit: ReadUnit) => void;
  /** So many bytes arrived. */
  readonly onBytes: (count: number) => void;
  /** Asked after the first picture of a source that has to be transcoded: resolves when it may go on, rejects when it is aborted before. */
  readonly mayTranscode: () => Promise<void>;
}

/** Reads a source until the signal aborts it. Rejects with a `SourceFault` when it ends, with the signal's reason when it is aborted. */
export async function readSource(
  deps: SourceDeps,
  address: string,
  out: SourceOut,
  signal: AbortSignal,
): Promise<void> {
  const { url, login } = loginApart(address, deps.http.random);
  const got = await checkedGet(deps.http, url, { login, mostRedirects: MOST_REDIRECTS, signal });
  const kind = await pictureKind(got.response, deps.clock, signal);
  if (kind === null) await readHls(deps, got, login, out, signal);
  else await readPictures(deps, got, kind, login, out, signal);
}

async function readPictures(
  { av, http, clock }: SourceDeps,
  got: Got,
  kind: PictureKind,
  login: HttpLogin | null,
  { onUnit, onBytes, mayTranscode }: SourceOut,
  signal: AbortSignal,
): Promise<void> {
  const options = { http, login, signal, onBytes };
  const pictures = kind === 'stream' ? streamedJpegs(got, options) : polledJpegs(got, options);
  await transcodeJpegs(pictures, { av, clock, onUnit, mayTranscode });
}

async function readHls(
  { av, http, clock }: SourceDeps,
  got: Got,
  login: HttpLogin | null,
  { onUnit, onBytes }: SourceOut,
  signal: AbortSignal,
): Promise<void> {
  let empty = 0;
  const pacer = new Pacer(clock, onUnit);
  const stop = (): void => pacer.stop();
  signal.addEventListener('abort', stop);
  try {
    for await (const { bytes, sound, durationMs } of new HlsSource({ http, login, signal }).segments(got)) {
      onBytes(sound.reduce((sum, { length }) => sum + length, bytes.length));
      const units = inOneRow(await demuxSegment(av, bytes), await soundOf(av, sound));
      signal.throwIfAborted();
      empty = units.some(({ kind }) => kind === 'picture') ? 0 : empty + 1;
      if (empty >= MOST_EMPTY) throw new SourceFault('not-a-stream', 'NO_PICTURE');
      pacer.push(units, durationMs, 2.5 * durationMs);
      // The next one is fetched while one waits behind the one that goes out.
      await pacer.room(1.5 * durationMs);
      signal.throwIfAborted();
    }
  } catch (thrown) {
    // What was fetched before the end is shown to its end.
    if (!signal.aborted) await pacer.drained();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', stop);
    pacer.stop();
  }
}

/** Sound that has a list of its own. Sound that cannot be taken apart (without a container, say) is left out. */
async function soundOf(av: Av, segments: readonly Buffer[]): Promise<ReadUnit[]> {
  const units: ReadUnit[] = [];
  for (const bytes of segments) {
    try {
      units.push(...(await demuxSegment(av, bytes)));
    } catch (thrown) {
      if (!(thrown instanceof SourceFault)) throw thrown;
      units.push({ kind: 'left-out', track: 'sound', codec: 'unknown' });
    }
  }
  return units.filter((unit) => unit.kind === 'sound' || unit.kind === 'sound-track' || unit.kind === 'left-out');
}

/** By their times, behind what describes the tracks. */
function inOneRow(pictures: readonly ReadUnit[], sound: readonly ReadUnit[]): readonly ReadUnit[] {
  if (sound.length === 0) return pictures;
  const units = [...pictures, ...sound];
  const timed = units.filter((unit) => 'timeMs' in unit);
  return [...units.filter((unit) => !('timeMs' in unit)), ...timed.sort((a, b) => a.timeMs - b.timeMs)];
}

/** An address without its login, which is for this host alone. */
function loginApart(address: string, random: Random): { readonly url: URL; readonly login: HttpLogin | null } {
  const url = httpUrl(address);
  const login = url.username === '' && url.password === '' ? null : loginOf(url, random);
  url.username = '';
  url.password = '';
  return { url, login };
}

function loginOf(at: URL, random: Random): HttpLogin {
  try {
    const user = { user: decodeURIComponent(at.username), password: decodeURIComponent(at.password) };
    return { answers: new ChallengedLogin(user, random), at };
  } catch {
    throw new SourceFault('login', 'ADDRESS');
  }
}
