import { createServer, type Socket } from 'node:net';
import { every } from '../../core/async/every.js';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock, Random } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayCamera, RelayedCamera } from '../../core/streams/relay.js';
import { FileReading } from '../file/fileReading.js';
import { isGone } from '../file/relayFile.js';
import { DerivedStreams } from '../derived/derivedStreams.js';
import { Caps } from '../pull/caps.js';
import type { Puller } from '../pull/puller.js';
import { isSameTarget, PullSource } from '../pull/pullSource.js';
import type { TranscodePlaces } from '../pull/transcodePlaces.js';
import type { ReaderLink } from '../reader/readerLink.js';
import { RtspServer } from '../rtsp/rtspServer.js';
import type { VisitedStream } from '../rtsp/served.js';
import { RelayStream } from '../stream/relayStream.js';
import type { Order, WorkerReport } from '../wire/messages.js';
import { readPath } from '../wire/paths.js';
import { SlateFiles } from '../wire/slateFiles.js';
import { Openings, type OpenedPull } from './openings.js';
import { RefusedLogins } from './refusedLogins.js';
import { StreamNews } from './streamNews.js';

/** How often a worker whose parent has ended reads the relay's file for changes. */
const FOLLOW_MS = 2_000;
/**
 * How long after PLAY a reader gets its first frames. MediaMTX passes a frame only to readers that are connected by then, and a WebRTC viewer
 * needs 0.2 to 0.3 s to connect. Without the wait the viewer would miss the first key frame and see nothing before the next one; so would an
 * HLS muxer that starts late.
 */
const BEGINS_AFTER_MS = 300;
/** How long an orphan waits before it drains, for a connection that was being handed over when the parent ended. */
const LAST_READER_MS = 1_000;

export interface RelayWorkOptions {
  readonly folder: string;
  readonly file: string;
  readonly pull: Puller;
  /** Pulls a target for an opening of a camera that nobody watches; absent: by `pull`. */
  readonly openingPull?: Puller;
  readonly transcodes: TranscodePlaces;
  /** Transcodes for derived streams; absent: there are none. */
  readonly reader?: Pick<ReaderLink, 'transcode'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly send: (report: WorkerReport) => void;
  /** Ends the process. */
  readonly end: () => void;
}

/** The work of one worker process: serves the readers that the parent hands over, and pulls their cameras as the relay's file says. */
export class RelayWork {
  readonly #options: RelayWorkOptions;
  readonly #cameras = new Map<CameraId, RelayCamera>();
  /** The streams of cameras that have had a reader. */
  readonly #streams = new Map<CameraId, RelayStream>();
  readonly #caps = new Caps();
  readonly #readings: FileReading;
  readonly #slates: SlateFiles;
  readonly #news: StreamNews;
  readonly #logins: RefusedLogins;
  readonly #pull: Puller;
  readonly #openingPull: Puller;
  readonly #openings: Openings;
  readonly #derived: DerivedStreams | null;
  /** Gets the handed-over sockets as connections; never listens itself, since the parent does. */
  readonly #connections = createServer();
  #server: RtspServer | null = null;
  #open = 0;
  /** Readers whose sockets the parent has not closed yet. */
  readonly #kept = new Map<number, { readonly socket: Socket; readonly first: Uint8Array }>();
  #isDraining = false;

  constructor(options: RelayWorkOptions) {
    this.#options = options;
    this.#slates = new SlateFiles(options.folder);
    this.#news = new StreamNews({
      clock: options.clock,
      log: (cameraId, message) => options.send({ kind: 'news', cameraId, message }),
    });
    const { clock, send, pull } = options;
    this.#logins = new RefusedLogins({ clock, onRefused: (key) => send({ kind: 'login-refused', key }) });
    this.#pull = this.#logins.guarded(pull);
    this.#openingPull = this.#logins.guarded(options.openingPull ?? pull);
    this.#openings = new Openings({
      clock,
      pullOf: (target) => this.#pullOf(target),
      onOutcome: (id, outcome) => send({ kind: 'opened', id, outcome }),
    });
    const { reader, transcodes: places } = options;
    this.#derived = reader ? new DerivedStreams({ reader, clock, beginsAfterMs: BEGINS_AFTER_MS, places }) : null;
    this.#readings = new FileReading({
      path: options.file,
      onCamera: (id, camera) => this.#setCamera(id, camera),
      onReader: (password) => this.#begin(password),
    });
  }

  async start(): Promise<void> {
    await this.#readings.read();
    this.#options.send({ kind: 'ready' });
  }

  take(order: Order, socket: Socket | null): void {
    switch (order.op) {
      case 'serve':
        if (socket) this.#keep(order.id, socket, order.first);
        else this.#options.send({ kind: 'left' }); // the reader left while its socket was handed over
        return;
      case 'begin':
        this.#serve(order.id);
        return;
      case 'read':
        void this.#readings.read().then(() => this.#options.send({ kind: 'read', change: order.change }));
        return;
      case 'slate':
        this.#streams.get(order.cameraId)?.setSlate(this.#slates.read(order.cameraId));
        return;
      case 'states':
        this.#options.send({ kind: 'states', id: order.id, states: this.#states() });
        return;
      case 'open':
        this.#openings.begin(order.id, order.target);
        return;
      case 'close':
        this.#openings.close(order.id);
        return;
      case 'login-refused':
        this.#logins.note(order.key, order.agoMs);
        return;
      case 'transcode':
        this.#options.transcodes.answer(order.id, order.isGiven);
        return;
      case 'drain':
        this.#drain();
        return;
      case 'stop':
        this.stop();
    }
  }

  /** Called when the parent has ended: serves the readers to the end and follows the relay's file meanwhile. */
  orphaned(): void {
    const { clock, file, transcodes } = this.#options;
    transcodes.goOnAlone();
    for (const id of [...this.#kept.keys()]) this.#serve(id);
    const follow = (): boolean => {
      if (isGone(file)) {
        this.stop();
        return false;
      }
      void this.#readings.read();
      return true;
    };
    if (follow()) every(clock, FOLLOW_MS, follow);
    clock.after(LAST_READER_MS, () => this.#drain());
  }

  stop(): void {
    this.#server?.stop();
    for (const stream of this.#streams.values()) stream.end();
    this.#options.end();
  }

  #begin(secret: string): void {
    if (this.#server) return;
    const { clock, random } = this.#options;
    const find = (path: string): VisitedStream | null => this.#find(path);
    this.#server = new RtspServer({ listening: this.#connections, secret, find, clock, random });
  }

  #keep(id: number, socket: Socket, first: Uint8Array): void {
    this.#open += 1;
    this.#kept.set(id, { socket, first });
    socket.on('error', () => undefined); // the reader's connection broke; 'close' follows
    socket.once('close', () => {
      this.#open -= 1;
      this.#kept.delete(id);
      this.#options.send({ kind: 'left' });
      if (this.#isDraining) this.#drain();
    });
  }

  #serve(id: number): void {
    const kept = this.#kept.get(id);
    if (!kept) return; // the reader has left
    this.#kept.delete(id);
    kept.socket.unshift(kept.first);
    this.#connections.emit('connection', kept.socket);
  }

  #drain(): void {
    this.#isDraining = true;
    if (this.#open === 0) this.stop();
  }

  #find(path: string): VisitedStream | null {
    const { cameraId, candidate, derived } = readPath(path);
    const stream = this.#streamOf(cameraId);
    if (derived !== null) return stream && (this.#derived?.find(derived, cameraId, stream) ?? null);
    return candidate === null ? stream : (stream?.candidate(candidate) ?? null);
  }

  /** The pull of a target for an opening: the camera's own, so that a camera which allows one session is opened while it is watched. */
  #pullOf(target: PullTarget): OpenedPull {
    for (const [id, camera] of this.#cameras) {
      if (!isSameTarget(camera.target, target) && !isSameTarget(camera.candidate, target)) continue;
      const stream = this.#streamOf(id);
      if (stream) return stream.opening(target);
    }
    return { source: new PullSource(target, this.#openingPull, this.#options.clock), lastKey: null };
  }

  /** The stream of a camera, made when a reader first asks for it: most cameras have no readers. */
  #streamOf(id: CameraId): RelayStream | null {
    const known = this.#streams.get(id);
    if (known) return known;
    const camera = this.#cameras.get(id);
    if (camera === undefined) return null;
    const { clock, random } = this.#options;
    const stream = new RelayStream({
      ...{ pull: this.#pull, openingPull: this.#openingPull, clock, random, caps: this.#caps },
      beginsAfterMs: BEGINS_AFTER_MS,
      onNews: (news) => this.#news.take(id, news, this.#cameras.get(id)?.target?.givenBy ?? 'cloud'),
    });
    stream.setSlate(this.#slates.read(id));
    stream.setCamera(camera);
    this.#streams.set(id, stream);
    return stream;
  }

  #setCamera(id: CameraId, camera: RelayCamera | null): void {
    if (camera === null) {
      this.#cameras.delete(id);
      this.#streams.get(id)?.end();
      this.#streams.delete(id);
      this.#derived?.forget(id);
      this.#news.forget(id);
      return;
    }
    this.#cameras.set(id, camera);
    this.#streams.get(id)?.setCamera(camera);
  }

  #states(): [CameraId, RelayedCamera][] {
    return [...this.#streams].flatMap(([id, stream]) => {
      const seen = stream.seen();
      return seen === null ? [] : [[id, seen]];
    });
  }
}
