import type { Clock, Random } from '../../core/clock.js';
import { RtpMedia } from '../rtpReading/rtpMedia.js';
import { isCarried } from '../rtpReading/trackFormat.js';
import { MediaError } from '../units/mediaError.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { longestSilenceMs, Rhythm } from '../units/rhythm.js';
import { KeepAlive } from './keepAlive.js';
import { emptyReport } from './reports.js';
import type { RtspAddress } from './rtspAddress.js';
import { RtspConnection, type RtspDial } from './rtspConnection.js';
import { RtspFault, type RtspEnd } from './rtspEnd.js';
import { ChallengedLogin } from '../../core/login/challengedLogin.js';
import { RtspSession, SecondDial } from './rtspSession.js';
import { readDescription } from './sessionDescription.js';
import { sessionAddresses } from './trackAddresses.js';
import { chooseTracks, type ChosenTrack } from './trackChoice.js';
import { TrackReceiver } from './trackReceiver.js';
import { TrackSetUp } from './trackSetUp.js';
import { readRtpInfo, type FirstPacket } from './transport.js';
import type { OpenUdp } from './udp.js';

export interface RtspPullOptions {
  readonly address: RtspAddress;
  readonly dial: RtspDial;
  readonly openUdp: OpenUdp;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly random: Random;
  /** The bytes of a unit are valid only until it returns. */
  readonly onUnit: (unit: RelayUnit) => void;
  /** Called with how many bytes of sound and pictures came, before their units. */
  readonly onBytes?: (count: number) => void;
  /** Called once, and never before the constructor has returned. */
  readonly onEnd: (end: RtspEnd) => void;
  /** Longest time from the dial to the answer to PLAY. */
  readonly connectMs?: number;
  /** Longest time without sound or picture, whatever the camera answers meanwhile. */
  readonly silenceMs?: number;
}

/** What one dial of the camera has opened so far. */
interface Opened {
  readonly connection: RtspConnection;
  readonly session: RtspSession;
  readonly setUp: TrackSetUp;
  readonly receiver: TrackReceiver;
  media: RtpMedia | null;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 10_000;
/** How long the camera has for its answer to TEARDOWN. */
const TEARDOWN_MS = 1_000;
/** How often a camera is dialled in all that closes the connection when it asks for the login. */
const MOST_DIALS = 2;

/** Pulls one camera over RTSP or RTSPS until it ends or `stop` is called. */
export class RtspPull {
  readonly #options: RtspPullOptions;
  readonly #login: ChallengedLogin;
  #opened: Opened | null = null;
  #keepAlive: KeepAlive | null = null;
  #cancelWatch: () => void;
  /** When sound or a picture last came (monotonic ms). */
  #mediaMs = 0;
  readonly #rhythm = new Rhythm();
  #isOver = false;

  constructor(options: RtspPullOptions) {
    const { address, random, clock, connectMs = CONNECT_MS } = options;
    this.#options = options;
    this.#login = new ChallengedLogin(address.login, random);
    this.#cancelWatch = clock.after(connectMs, () => {
      const description = `The camera did not begin the stream within ${connectMs} ms.`;
      // Without any byte, a firewall drops what we send or the handshake of TLS hangs: the camera counts as unreachable.
      if (this.#opened?.connection.isHeard === true) this.#end({ why: 'silence', description });
      else this.#end({ why: 'connection', code: 'ETIMEDOUT', description });
    });
    void this.#run();
  }

  /** Ends the session at the camera, which would keep it otherwise and refuse the next one; no handler is called any more. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWatch();
    this.#keepAlive?.stop();
    if (this.#opened) this.#leave(this.#opened);
  }

  async #run(): Promise<void> {
    for (let dials = 1; ; dials++) {
      try {
        await this.#play();
        return;
      } catch (thrown) {
        if (!(thrown instanceof RtspFault)) throw thrown;
        if (this.#isOver) return;
        if (thrown instanceof SecondDial && dials < MOST_DIALS) {
          if (this.#opened) this.#leave(this.#opened);
          continue;
        }
        this.#end(thrown.end);
        return;
      }
    }
  }

  async #play(): Promise<void> {
    const { address } = this.#options;
    const opened = this.#dial();
    this.#opened = opened;
    const { session, setUp } = opened;
    // Some cameras refuse OPTIONS, and play all the same.
    const options = await session.ask('OPTIONS', address.url);
    const described = await session.need('DESCRIBE', address.url, ['Accept: application/sdp']);
    const { control, medias } = readDescription(described.body);
    const { tracks, leftOut } = chooseTracks(medias, isCarried);
    for (const { track, codec } of leftOut) this.#hand({ kind: 'left-out', track, codec });
    const [first] = tracks;
    if (first?.format.media !== 'video') throw new RtspFault(leftOut[0]?.track === 'picture' ? NO_CODEC : NO_PICTURE);
    const base = described.headers.get('content-base')?.[0] ?? described.headers.get('content-location')?.[0] ?? null;
    const addresses = sessionAddresses(address, {
      base,
      session: control,
      tracks: tracks.map((track) => track.control),
    });
    session.url = addresses.session;
    const playing: { readonly track: ChosenTrack; readonly url: string }[] = [];
    for (const [at, track] of tracks.entries()) {
      const url = addresses.tracks[at] ?? address.url;
      const refused = await setUp.setUp(playing.length, track.format.payloadType, url);
      if (refused === null) playing.push({ track, url });
      else this.#hand({ kind: 'left-out', track: 'sound', codec: track.format.encoding });
    }
    const played = await session.need('PLAY', session.url, ['Range: npt=0.000-']);
    const urls = playing.map(({ url }) => url);
    this.#begin(
      opened,
      playing.map(({ track }) => track.format),
      readRtpInfo(played.headers.get('rtp-info')?.[0], urls),
    );
    const offered = options.reply.headers.get('public')?.join(',') ?? null;
    this.#keepUp(opened, offered);
    opened.receiver.play();
  }

  #dial(): Opened {
    const { address, dial, openUdp, random, clock } = this.#options;
    const receiver = new TrackReceiver({
      packet: (track, packet) => {
        if (this.#isOver) return;
        this.#mediaMs = clock.monotonicMs();
        this.#options.onBytes?.(packet.length);
        this.#safely(() => opened.media?.rtp(track, packet, clock.monotonicMs()));
      },
      report: (track, packet) => this.#safely(() => opened.media?.rtcp(track, packet, clock.monotonicMs())),
    });
    const connection = new RtspConnection({
      ...{ address, dial },
      isKnown: (channel) => receiver.isKnown(channel),
      onPacket: (channel, packet) => receiver.onChannel(channel, packet),
      onEnd: (end) => {
        // Before the session plays, the request that waits for its answer tells the end.
        if (opened.media !== null) this.#end(end.code === 'CLOSED' ? { ...end, why: 'ended' } : end);
      },
    });
    const session = new RtspSession(address, connection, this.#login, clock);
    const setUp = new TrackSetUp({ address, connection, session, receiver, openUdp, random });
    const opened: Opened = { connection, session, setUp, receiver, media: null };
    return opened;
  }

  #begin(opened: Opened, formats: ChosenTrack['format'][], firstPackets: (FirstPacket | null)[]): void {
    const isOrdered = opened.setUp.carrier === 'tcp';
    const media = new RtpMedia({ formats, isOrdered, onUnit: (unit) => this.#hand(unit) });
    opened.media = media;
    this.#safely(() => media.begin(firstPackets));
  }

  #keepUp({ session, setUp }: Opened, offered: string | null): void {
    const { clock, random } = this.#options;
    if (this.#isOver) return;
    this.#mediaMs = clock.monotonicMs();
    const report = emptyReport(random);
    this.#keepAlive = new KeepAlive({
      ...{ clock, offered, timeoutSeconds: session.timeoutSeconds },
      ask: async (method) => (await session.ask(method, session.url)).reply.status,
      report: () => setUp.report(report),
    });
    this.#watchForSilence();
  }

  #leave({ connection, session, setUp }: Opened): void {
    setUp.close();
    if (!session.isBegun || !connection.isOpen) {
      connection.close();
      return;
    }
    const close = (): void => {
      cancel();
      connection.close();
    };
    const cancel = this.#options.clock.after(TEARDOWN_MS, close);
    void session.tearDown().then(close);
  }

  #hand(unit: RelayUnit): void {
    if (this.#isOver) return;
    if (unit.kind === 'picture' || unit.kind === 'sound') this.#rhythm.see(this.#options.clock.monotonicMs());
    this.#options.onUnit(unit);
  }

  /** The receiver may stop the pull at any unit; what no camera sends ends it. */
  #safely(read: () => void): void {
    if (this.#isOver) return;
    try {
      read();
    } catch (thrown) {
      if (!(thrown instanceof MediaError)) throw thrown;
      this.#end({ why: 'protocol', description: thrown.message });
    }
  }

  /** One timer for many packets: when it fires, it is set again from the time of the latest packet. */
  #watchForSilence(): void {
    const { clock, silenceMs: leastMs = SILENCE_MS } = this.#options;
    const silenceMs = longestSilenceMs(this.#rhythm, leastMs);
    this.#cancelWatch();
    const waitMs = this.#mediaMs + silenceMs - clock.monotonicMs();
    if (waitMs > 0) {
      this.#cancelWatch = clock.after(waitMs, () => this.#watchForSilence());
      return;
    }
    const isUdp = this.#opened?.setUp.carrier === 'udp';
    this.#end({ why: 'silence', ...(isUdp && { code: 'UDP' }), description: `No packet came for ${silenceMs} ms.` });
  }

  #end(end: RtspEnd): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.onEnd(end);
  }
}

const NO_PICTURE: RtspEnd = { why: 'not-a-stream', description: 'The camera describes no picture.' };
const NO_CODEC: RtspEnd = { why: 'codec', description: 'The relay does not carry the codec of the picture.' };
