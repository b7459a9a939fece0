import type * as AvConstants from 'node-av/constants';
import type * as AvLib from 'node-av/lib';
import type * as AvWebRtc from 'node-av/webrtc';

/** FFmpeg (a GPL build) and WebRTC, as node-av brings them. Loaded only inside the media process. */
export interface Av {
  readonly lib: typeof AvLib;
  readonly constants: typeof AvConstants;
  readonly webrtc: typeof AvWebRtc;
}

/** Loads node-av, an optional package. Rejects when it, or its native part for this machine, is not installed. */
export async function loadAv(): Promise<Av> {
  providePromiseWithResolvers();
  const lib = await import('node-av/lib');
  const constants = await import('node-av/constants');
  const webrtc = await import('node-av/webrtc');
  // FFmpeg's own lines hold addresses of streams.
  lib.Log.setLevel(constants.AV_LOG_QUIET);
  return { lib, constants, webrtc };
}

/** Node 20 lacks it, and node-av then ends its reading at once without any error. */
export function providePromiseWithResolvers(): void {
  if ('withResolvers' in Promise) return;
  Object.defineProperty(Promise, 'withResolvers', {
    configurable: true,
    writable: true,
    value: function withResolvers<T>() {
      let resolve: ((value: T | PromiseLike<T>) => void) | undefined;
      let reject: ((reason: unknown) => void) | undefined;
      const promise = new Promise<T>((onResolve, onReject) => {
        resolve = onResolve;
        reject = onReject;
      });
      return { promise, resolve, reject };
    },
  });
}
