import type { RelayUnit } from '../units/relayUnit.js';
import { PacketOrder } from './packetOrder.js';
import { PictureReader } from './pictureReader.js';
import { rtpPacket, type RtpPacket } from './rtpPacket.js';
import { senderReport } from './senderReport.js';
import { soundReader } from './soundReader.js';
import type { SoundReader } from './soundUnits.js';
import { TrackClocks } from './trackClocks.js';
import { isCarried, type TrackFormat } from './trackFormat.js';

export interface RtpMediaOptions {
  /** The tracks that the client has set up, and those that it left alone; their place in this list is their number. */
  readonly formats: readonly TrackFormat[];
  /** True: the transport keeps the order of the packets (TCP). */
  readonly isOrdered: boolean;
  readonly onUnit: (unit: RelayUnit) => void;
}

/** What RTP-Info says of a track in the answer to PLAY. */
export type TrackInfo = { readonly sequence: number | null; readonly rtpTime: number | null } | null;

interface Reader {
  readonly format: TrackFormat;
  readonly kind: 'picture' | 'sound';
  readonly order: PacketOrder;
}

/**
 * Reads the RTP packets of one connection. Times of the units are milliseconds on the clock of the arrivals (monotonic). Throws nothing:
 * what is not readable is left out, and pictures behind a gap up to the next key frame.
 */
export class RtpMedia {
  readonly #options: RtpMediaOptions;
  readonly #clocks: TrackClocks;
  /** By the number of the track. */
  readonly #readers = new Map<number, Reader>();
  readonly #pictures: PictureReader | null = null;
  #lost = 0;

  constructor(options: RtpMediaOptions) {
    this.#options = options;
    const { formats, onUnit } = options;
    const picture = formats.findIndex((format) => format.media === 'video' && isCarried(format));
    const sound = formats.findIndex((format) => format.media === 'audio' && isCarried(format));
    const [pictureFormat, soundFormat] = [formats[picture], formats[sound]];
    this.#clocks = new TrackClocks(pictureFormat?.clockRate ?? null, soundFormat?.clockRate ?? null);
    if (pictureFormat) {
      const codec = pictureFormat.encoding === 'H265' ? 'h265' : 'h264';
      this.#pictures = new PictureReader({ codec, format: pictureFormat, clocks: this.#clocks, onUnit });
      this.#add(picture, pictureFormat, 'picture', this.#pictures);
    }
    const sounds = soundFormat && soundReader({ format: soundFormat, clocks: this.#clocks, onUnit });
    if (soundFormat && sounds) this.#add(sound, soundFormat, 'sound', sounds);
  }

  /** Packets that never came, and pictures that were left out because of it. */
  get losses(): { readonly packets: number; readonly pictures: number } {
    return { packets: this.#lost, pictures: this.#pictures?.dropped ?? 0 };
  }

  /** The stream begins: names the tracks that are left out. `info`: RTP-Info by the number of the track; null: it says nothing of it. */
  begin(info: readonly TrackInfo[]): void {
    const { formats, onUnit } = this.#options;
    const timeOf = (kind: 'picture' | 'sound'): number | null => {
      const track = [...this.#readers].find(([, reader]) => reader.kind === kind)?.[0];
      return track === undefined ? null : (info[track]?.rtpTime ?? null);
    };
    this.#clocks.begin(timeOf('picture'), timeOf('sound'));
    const has = (kind: 'picture' | 'sound'): boolean => [...this.#readers.values()].some((each) => each.kind === kind);
    for (const { media, encoding } of formats) {
      const track = media === 'video' ? 'picture' : 'sound';
      // A second picture or sound track is not missed.
      if (!has(track)) onUnit({ kind: 'left-out', track, codec: encoding });
    }
  }

  /** One RTP packet of a track. Its bytes are not kept. */
  rtp(track: number, packet: Buffer, arrivedMs: number): void {
    const reader = this.#readers.get(track);
    const read = reader && rtpPacket(packet);
    if (read && read.payloadType === reader.format.payloadType) reader.order.take(read, arrivedMs);
  }

  /** One compound packet of RTCP. */
  rtcp(track: number, packet: Buffer, arrivedMs: number): void {
    const reader = this.#readers.get(track);
    const report = reader && senderReport(packet);
    if (report) this.#clocks.report(reader.kind, report, arrivedMs);
  }

  #add(track: number, format: TrackFormat, kind: Reader['kind'], to: PictureReader | SoundReader): void {
    const order = new PacketOrder({
      isOrdered: this.#options.isOrdered,
      onPacket: (packet: RtpPacket, arrivedMs) => to.packet(packet, arrivedMs),
      onLost: (packets) => {
        this.#lost += packets;
        to.lose();
      },
    });
    this.#readers.set(track, { format, kind, order });
  }
}
