import type { RTCPeerConnection } from 'node-av/webrtc';
import { every } from '../../core/async/every.js';
import { sleep, type Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { Av } from '../av.js';
import { rtpPayloads } from '../formats/rtp.js';
import type { VideoUnit } from '../formats/units.js';

/** Packets sent before each short pause: a home network drops the end of a burst that is not spread. */
const BURST_PACKETS = 48;
const BURST_PAUSE_MS = 3;
/** Packets in the queue; a viewer who is further behind continues at the next key frame. */
const LONGEST_QUEUE = 6000;
/** 1 ms between the pictures since the last key frame: they are decoded but hardly shown, so that the viewer is live at once. */
const BURST_STEP_TICKS = 90;
/** A viewer has left after so long without an RTCP report: browsers send one about every second, and a closed tab sends nothing. */
const LEFT_AFTER_MS = 10_000;
const LOOK_MS = 2_000;

interface QueuedPacket {
  readonly payload: Buffer;
  readonly marker: boolean;
  readonly timestamp: number;
}

export interface WhepSessionOptions {
  readonly clock: Clock;
  readonly offer: string;
  /** The pictures since the last key frame, for a first picture at once. */
  readonly sinceKeyFrame: () => readonly VideoUnit[];
  readonly onEnd: () => void;
}

/** One WebRTC viewer: pictures only, since browsers play no AAC over WebRTC. */
export class WhepSession {
  readonly #av: Av;
  readonly #options: WhepSessionOptions;
  readonly #connection: RTCPeerConnection;
  #track: InstanceType<Av['webrtc']['MediaStreamTrack']> | null = null;
  #queue: QueuedPacket[] = [];
  #sequence = 0;
  #started = false;
  #waitsForKeyFrame = false;
  #pumping = false;
  #ended = false;
  #lastPacketMs: number;
  #cancelChecks: () => void = () => undefined;

  constructor(av: Av, options: WhepSessionOptions) {
    this.#av = av;
    this.#options = options;
    this.#lastPacketMs = options.clock.monotonicMs();
    const { RTCPeerConnection, RTCRtpCodecParameters } = av.webrtc;
    const h264 = new RTCRtpCodecParameters({
      mimeType: 'video/H264',
      clockRate: 90_000,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
      parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    });
    // No sound is sent. An offer whose sound matched no codec would be refused as a whole.
    const silence = new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8000, channels: 1, payloadType: 0 });
    this.#connection = new RTCPeerConnection({
      codecs: { video: [h264], audio: [silence] },
      iceServers: [],
      iceAdditionalHostAddresses: ['127.0.0.1'],
      bundlePolicy: 'max-bundle',
    });
    this.#connection.connectionStateChange.subscribe((state) => this.#onState(state));
  }

  /** Resolves with the SDP answer, with all ICE candidates in it. Throws `AppError` REQUEST_INVALID for an unusable offer. */
  async answer(): Promise<string> {
    const connection = this.#connection;
    connection.onRemoteTransceiverAdded.subscribe((transceiver) => {
      if (transceiver.kind !== 'video' || this.#track) {
        transceiver.setDirection('inactive');
        return;
      }
      this.#track = new this.#av.webrtc.MediaStreamTrack({ kind: 'video' });
      void transceiver.sender.replaceTrack(this.#track);
      transceiver.setDirection('sendonly');
      transceiver.sender.onRtcp.subscribe(() => (this.#lastPacketMs = this.#options.clock.monotonicMs()));
    });
    try {
      await connection.setRemoteDescription({ type: 'offer', sdp: this.#options.offer });
      const answer = await connection.createAnswer();
      // Without a named STUN server, werift asks one on the internet and waits 5 s for it; viewers reach our own addresses.
      for (const transport of connection.iceTransports) delete transport.connection.stunServer;
      await connection.setLocalDescription(answer);
    } catch (cause) {
      this.close();
      throw new AppError('REQUEST_INVALID', 'The WebRTC offer is not valid.', {
        cure: 'Offer one video track that receives H.264.',
        cause,
      });
    }
    const sdp = connection.localDescription?.sdp;
    if (sdp && this.#track && /a=candidate:/.test(sdp)) {
      this.#startChecks();
      return sdp;
    }
    this.close();
    throw new AppError('REQUEST_INVALID', 'The WebRTC offer contains no video that camlease can send.', {
      cure: 'Offer one video track that receives H.264.',
    });
  }

  /** Sends a picture of the live stream. */
  send(unit: VideoUnit): void {
    if (!this.#started || this.#ended) return;
    if (this.#waitsForKeyFrame && !unit.keyFrame) return;
    this.#waitsForKeyFrame = false;
    this.#enqueue(unit, unit.pts);
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelChecks();
    this.#queue = [];
    void this.#connection.close();
    this.#options.onEnd();
  }

  #onState(state: RTCPeerConnection['connectionState']): void {
    if (state === 'connected') this.#start();
    else if (state === 'failed' || state === 'closed') this.close();
  }

  /** Ends the session when its viewer never connected, or left without closing it. */
  #startChecks(): void {
    this.#cancelChecks = every(this.#options.clock, LOOK_MS, () => {
      if (this.#options.clock.monotonicMs() - this.#lastPacketMs > LEFT_AFTER_MS) this.close();
    });
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    const units = this.#options.sinceKeyFrame();
    const last = units.at(-1);
    if (!last) {
      this.#waitsForKeyFrame = true;
      return;
    }
    units.forEach((unit, index) => {
      this.#enqueue(unit, last.pts - (units.length - 1 - index) * BURST_STEP_TICKS);
    });
  }

  #enqueue(unit: VideoUnit, timestamp: number): void {
    if (this.#queue.length > LONGEST_QUEUE) {
      this.#queue = [];
      this.#waitsForKeyFrame = !unit.keyFrame;
      if (this.#waitsForKeyFrame) return;
    }
    for (const packet of rtpPayloads(unit)) this.#queue.push({ ...packet, timestamp });
    if (!this.#pumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#queue.length > 0) {
      for (const packet of this.#queue.splice(0, BURST_PACKETS)) this.#write(packet);
      if (this.#queue.length > 0) await sleep(this.#options.clock, BURST_PAUSE_MS);
    }
    this.#pumping = false;
  }

  #write({ payload, marker, timestamp }: QueuedPacket): void {
    const header = Buffer.alloc(12); // werift fills in payload type, SSRC and extensions
    header[0] = 0x80;
    header[1] = marker ? 0x80 : 0;
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#track?.writeRtp(Buffer.concat([header, payload]));
  }
}
