import type { Session } from './whep';

/** Plays a stream by HLS: hls.js where there is MediaSource, the browser's own player elsewhere (iPhones). */
export async function playHls(video: HTMLVideoElement, url: string, signal: AbortSignal): Promise<Session> {
  // Loaded only when it is needed: it is ten times the rest of the page.
  const { default: Hls } = await import('hls.js');
  signal.throwIfAborted();
  if (!Hls.isSupported()) return playNative(video, url);

  const hls = new Hls({
    // A camera that nobody watched is pulled first: the playlist may take some seconds to come.
    manifestLoadPolicy: {
      default: {
        maxTimeToFirstByteMs: 20_000,
        maxLoadTimeMs: 20_000,
        timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
        errorRetry: { maxNumRetry: 5, retryDelayMs: 500, maxRetryDelayMs: 2_000 },
      },
    },
    maxBufferLength: 20,
    backBufferLength: 10,
    maxLiveSyncPlaybackRate: 1.2,
  });
  let recovered = false;
  const lost = new Promise<string>((resolve) => {
    hls.on(Hls.Events.ERROR, (_event, { fatal, type, details }) => {
      if (!fatal) return;
      if (type === Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
        recovered = true;
        hls.recoverMediaError();
        return;
      }
      resolve(`HLS stopped (${details})`);
    });
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    lost,
    stop: () => {
      hls.destroy();
      clear(video);
    },
  };
}

function playNative(video: HTMLVideoElement, url: string): Session {
  const lost = new Promise<string>((resolve) => {
    video.addEventListener('error', () => resolve('HLS stopped'), { once: true });
    video.addEventListener('ended', () => resolve('HLS ended'), { once: true });
  });
  video.src = url;
  return { lost, stop: () => clear(video) };
}

function clear(video: HTMLVideoElement): void {
  video.removeAttribute('src');
  video.load();
}
