import type { WebSocket } from 'ws';
import { CameraError } from '../../core/errors.js';
import type { CompatDeps } from '../compatApp.js';
import { faultOf, type OldFault } from './faultWords.js';
import type { SharedVideo } from './sharedVideo.js';
import { findStream, type OldStream } from './streams.js';

/** A camera that shows no moving picture in this time is reported; the relay needs some seconds for one that nobody watched. */
const FIRST_PICTURE_MS = 15_000;

type Phase = 'connected' | 'connecting' | 'playing' | 'stopped' | 'ended';

export const UNKNOWN_STREAM = 4004;

/**
 * The control connection of one viewer. `playing` and `video_start` are sent when pictures flow, and what it asks is its own: other viewers of
 * the camera go on.
 */
export class ControlSocket {
  readonly #deps: CompatDeps;
  readonly #socket: WebSocket;
  readonly #id: string;
  readonly #video: SharedVideo;
  #leave: (() => void) | null = null;
  #cancelWait: () => void = () => undefined;
  #isPlaying = false;

  constructor(deps: CompatDeps, socket: WebSocket, id: string, video: SharedVideo) {
    this.#deps = deps;
    this.#socket = socket;
    this.#id = id;
    this.#video = video;
    socket.on('close', () => this.#release());
    this.#phase('connected');
  }

  take(text: string): void {
    const action = actionIn(text);
    switch (action) {
      case null:
        this.#fault({ code: 'INVALID_JSON', message: 'The message is not readable as JSON.' });
        return;
      case 'start':
        this.#start();
        return;
      case 'stop':
        this.#release();
        this.#phase('stopped');
        return;
      case 'reconnect':
        this.#release();
        this.#phase('stopped');
        this.#start();
        return;
      default:
        this.#fault({ code: 'INVALID_ACTION', message: 'The action is none of start, stop and reconnect.' });
    }
  }

  #start(): void {
    this.#phase('connecting');
    if (this.#isPlaying) {
      this.#tellPlaying();
      return;
    }
    if (this.#leave !== null) return;
    const stream = findStream(this.#deps.cameras, this.#id);
    if (stream === null) {
      this.#unknown();
      return;
    }
    try {
      this.#cancelWait = this.#deps.clock.after(FIRST_PICTURE_MS, () => this.#late(stream));
      this.#leave = this.#video.watch(stream, {
        piece: () => this.#pictureCame(),
        ended: (error) => this.#ended(stream, error),
      });
    } catch (error) {
      this.#failed(stream, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #pictureCame(): void {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#cancelWait();
    this.#tellPlaying();
  }

  #tellPlaying(): void {
    this.#phase('playing');
    this.#send({ type: 'video_start' });
  }

  #late(stream: OldStream): void {
    const error = new CameraError('STREAM_NO_PICTURE', 'retry', 'No moving picture came from the camera in time.', {
      cure: 'Try again; the page of camlease says what is wrong with the camera.',
    });
    this.#failed(stream, error);
  }

  #ended(stream: OldStream, error: Error | null): void {
    const now = findStream(this.#deps.cameras, this.#id);
    if (error !== null && now !== null) {
      this.#failed(now, error);
      return;
    }
    this.#release();
    this.#phase('ended');
    this.#socket.close(1000, 'The stream ended.');
    this.#deps.log.debug('A stream ended for its viewers.', { cameraId: stream.camera.id });
  }

  #failed(stream: OldStream, error: Error): void {
    const fault = faultOf(this.#deps, stream, error, this.#isPlaying);
    if (fault.code === 'INTERNAL_ERROR') this.#deps.log.error('A stream failed unexpectedly.', { error });
    this.#release();
    this.#fault(fault);
  }

  #unknown(): void {
    this.#fault({ code: 'NOT_FOUND', message: 'There is no such stream. Take ids from GET /api/streams/.' });
    this.#socket.close(UNKNOWN_STREAM, 'Unknown stream');
  }

  #release(): void {
    this.#cancelWait();
    this.#leave?.();
    this.#leave = null;
    this.#isPlaying = false;
  }

  #phase(phase: Phase): void {
    this.#send({ type: 'status', phase });
  }

  #fault({ code, message }: OldFault): void {
    this.#send({ type: 'error', code, message });
  }

  #send(message: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** null: not JSON. Undefined: no action. */
function actionIn(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    return (
      (typeof message === 'object' && message !== null && 'action' in message ? message.action : undefined) ?? undefined
    );
  } catch {
    return null;
  }
}
