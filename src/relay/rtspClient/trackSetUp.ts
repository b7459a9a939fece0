import type { RtspAddress } from './rtspAddress.js';
import type { RtspConnection } from './rtspConnection.js';
import { endOfStatus, RtspFault } from './rtspEnd.js';
import type { RtspAnswer, RtspSession } from './rtspSession.js';
import { emptyPacket, emptyReport } from './reports.js';
import type { TrackReceiver } from './trackReceiver.js';
import { readTransport, transportFor, type Carrier, type Pair } from './transport.js';
import { plainAddress, type OpenUdp, type UdpPorts } from './udp.js';
import { isIPv6 } from 'node:net';
import type { Random } from '../../core/clock.js';

export interface TrackSetUpOptions {
  readonly address: RtspAddress;
  readonly connection: RtspConnection;
  readonly session: RtspSession;
  readonly receiver: TrackReceiver;
  readonly openUdp: OpenUdp;
  readonly random: Random;
}

/** Where the reports of one track go. */
type Place = { readonly channel: number } | { readonly udp: UdpPorts; readonly server: Pair; readonly host: string };

/** A camera that answers so to a transport may take another one (RFC 2326: 461; some cameras: 406). */
const OTHER_TRANSPORT: ReadonlySet<number> = new Set([406, 461]);

/**
 * Sets tracks up one after the other: their packets come inside the connection, or by UDP where the camera does not take that. An encrypted
 * session never goes to UDP, which would not be encrypted.
 */
export class TrackSetUp {
  readonly #options: TrackSetUpOptions;
  #carrier: Carrier = 'tcp';
  #places: Place[] = [];
  #opened: UdpPorts[] = [];
  #isClosed = false;

  constructor(options: TrackSetUpOptions) {
    this.#options = options;
  }

  get carrier(): Carrier {
    return this.#carrier;
  }

  /**
   * Sets up the next track; `track`: its number. null: it is set up; else the status with which the camera refuses it. Rejects with
   * `RtspFault` when the connection ends, the login is refused or the camera takes no transport.
   */
  async setUp(track: number, payloadType: number, url: string): Promise<number | null> {
    const { reply, hadLogin, carrier } = await this.#ask(track, url);
    if (reply.status < 200 || reply.status >= 300) {
      if (track === 0) throw new RtspFault(endOfStatus(reply.status, 'SETUP', hadLogin));
      return reply.status;
    }
    const { channels, serverPorts } = readTransport(reply.headers.get('transport')?.[0]);
    if (carrier === 'tcp') this.#inConnection(track, payloadType, channels);
    else this.#byUdp(track, serverPorts);
    return null;
  }

  /** Sends a report to each track's place for reports. */
  report(packet: Buffer): void {
    for (const place of this.#places) {
      if ('channel' in place) this.#options.connection.send(place.channel, packet);
      else place.udp.send(true, packet, place.server.reports, place.host);
    }
  }

  /** Closes the UDP ports. */
  close(): void {
    this.#isClosed = true;
    for (const udp of this.#opened) udp.close();
  }

  async #ask(track: number, url: string): Promise<RtspAnswer & { readonly carrier: Carrier }> {
    if (this.#carrier === 'tcp') {
      const header = `Transport: ${transportFor('tcp', { packets: track * 2, reports: track * 2 + 1 })}`;
      const answer = await this.#options.session.ask('SETUP', url, [header]);
      const isChosen = readTransport(answer.reply.headers.get('transport')?.[0]).carrier !== 'udp';
      const isOther = OTHER_TRANSPORT.has(answer.reply.status) || (answer.reply.status === 200 && !isChosen);
      // Both tracks come the same way: the second one is left out where the camera takes only the first one so.
      if (!isOther || track > 0 || this.#options.address.isEncrypted) return { ...answer, carrier: 'tcp' };
    }
    const udp = await this.#open(track);
    const header = `Transport: ${transportFor('udp', udp.ports)}`;
    const answer = await this.#options.session.ask('SETUP', url, [header]);
    const answered = readTransport(answer.reply.headers.get('transport')?.[0]);
    if (answer.reply.status === 200 && answered.carrier === 'tcp') return { ...answer, carrier: 'tcp' };
    this.#carrier = 'udp';
    return { ...answer, carrier: 'udp' };
  }

  #inConnection(track: number, payloadType: number, channels: Pair | null): void {
    const pair = channels ?? { packets: track * 2, reports: track * 2 + 1 };
    this.#options.receiver.add(track, payloadType, pair);
    this.#places[track] = { channel: pair.reports };
  }

  #byUdp(track: number, server: Pair | null): void {
    const udp = this.#opened.at(-1);
    const host = this.#options.connection.remoteAddress;
    if (udp === undefined || host === null || server === null) return;
    this.#places[track] = { udp, server, host };
    // Opens the way for the camera's packets through a firewall between it and the relay.
    udp.send(false, emptyPacket(), server.packets, host);
    udp.send(true, emptyReport(this.#options.random), server.reports, host);
  }

  async #open(track: number): Promise<UdpPorts> {
    const { connection, openUdp, receiver } = this.#options;
    const remote = connection.remoteAddress;
    if (remote === null) throw new RtspFault(NO_UDP);
    const host = plainAddress(remote);
    const opened = await openUdp(isIPv6(host) ? 6 : 4, ({ isReport, packet, from }) => {
      // Anybody can send to our port; only the camera that was dialled counts.
      if (plainAddress(from) === host) receiver.take({ track, isReport }, packet);
    }).catch(() => null);
    if (opened === null) throw new RtspFault(NO_UDP);
    if (this.#isClosed) opened.close();
    this.#opened.push(opened);
    return opened;
  }
}

const NO_UDP = {
  why: 'refused',
  code: 'NO_UDP_PORTS',
  description: 'The camera wants UDP, and the relay could not open ports for it.',
} as const;
