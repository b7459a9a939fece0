import type * as AvConstants from 'node-av/constants';
import type * as AvLib from 'node-av/lib';
import type * as AvWebRtc from 'node-av/webrtc';

/** FFmpeg (a GPL build) and WebRTC, from the package node-av. Loaded only inside the media process. */
export interface Av {
  readonly lib: typeof AvLib;
  readonly constants: typeof AvConstants;
  readonly webrtc: typeof AvWebRtc;
}

/** Loads node-av, an optional package. Rejects when the package, or its native part for this machine, is not installed. */
export async function loadAv(): Promise<Av> {
  providePromiseWithResolvers();
  const lib = await import('node-av/lib');
  const constants = await import('node-av/constants');
  const webrtc = await import('node-av/webrtc');
  // FFmpeg's log lines contain stream addresses, which must not be logged.
  lib.Log.setLevel(constants.AV_LOG_QUIET);
  return { lib, constants, webrtc };
}

/** Adds `Promise.withResolvers` where it is missing (Node 20): without it, node-av ends its reading at once without any error. */
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
