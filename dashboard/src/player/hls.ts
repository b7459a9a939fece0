import type Hls from 'hls.js';
import type { HlsConfig } from 'hls.js';
import type { Session } from './session';

/** Limit for the first segment; MediaMTX must first pull a camera that had no viewers, and answers only then. */
const FIRST_SEGMENT_MS = 25_000;

/** Few retries by hls.js, since the player's own are better: a playlist that is gone stays gone until a new one is requested. */
const SETTINGS: Partial<HlsConfig> = {
  manifestLoadPolicy: {
    default: { maxTimeToFirstByteMs: 20_000, maxLoadTimeMs: 20_000, timeoutRetry: null, errorRetry: null },
  },
  playlistLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 10_000,
      // hls.js waits for a low-latency playlist for at most three parts or 0.8 segments, and a camera that stalls gives no part.
      timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 1, retryDelayMs: 300, maxRetryDelayMs: 300 },
    },
  },
  startFragPrefetch: true,
  maxBufferLength: 20,
  backBufferLength: 10,
  maxLiveSyncPlaybackRate: 1.2,
};

/** Opens a stream by HLS: hls.js where there is MediaSource, the browser's own player elsewhere (iPhones). */
export async function openHls(url: string, signal: AbortSignal, answered: () => void): Promise<Session> {
  // Loaded only when needed: hls.js is ten times the size of the rest of the page.
  const { default: Library } = await import('hls.js');
  signal.throwIfAborted();
  if (!Library.isSupported()) return openNative(url, signal, answered);

  const hls = new Library(SETTINGS);
  const lost = lossOf(hls, Library);
  try {
    hls.once(Library.Events.MANIFEST_PARSED, answered);
    await new Promise<void>((resolve, reject) => {
      hls.once(Library.Events.FRAG_LOADED, () => resolve());
      void lost.then((reason) => reject(new Error(reason)));
      const limited = AbortSignal.any([signal, AbortSignal.timeout(FIRST_SEGMENT_MS)]);
      limited.addEventListener('abort', () => reject(new Error('No picture came in time')));
      hls.loadSource(url);
    });
  } catch (error) {
    hls.destroy();
    throw error;
  }
  return { lost, isSilent: false, preview: null, show: (video) => hls.attachMedia(video), stop: () => hls.destroy() };
}

function lossOf(hls: Hls, { Events, ErrorTypes }: typeof Hls): Promise<string> {
  let recovered = false;
  return new Promise((resolve) => {
    hls.on(Events.ERROR, (_event, { fatal, type, details }) => {
      if (!fatal) return;
      if (type === ErrorTypes.MEDIA_ERROR && !recovered) {
        recovered = true;
        hls.recoverMediaError();
        return;
      }
      resolve(`No picture comes by HLS (${details})`);
    });
  });
}

/** Opens HLS in the browser's own player. Before it plays, only the answer to the playlist's request can be known. */
async function openNative(url: string, signal: AbortSignal, answered: () => void): Promise<Session> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(FIRST_SEGMENT_MS)]) });
  if (!response.ok) throw new Error(`HLS was refused (${response.status})`);
  answered();
  let lose: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  let shownIn: HTMLVideoElement | null = null;
  return {
    lost,
    isSilent: false,
    preview: null,
    show: (video) => {
      shownIn = video;
      video.onerror = () => lose('HLS stopped');
      video.onended = () => lose('HLS ended');
      video.src = url;
    },
    stop: () => {
      if (shownIn === null) return;
      shownIn.onerror = shownIn.onended = null;
      shownIn.removeAttribute('src');
      shownIn.load();
    },
  };
}
