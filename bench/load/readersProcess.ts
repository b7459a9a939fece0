/**
 * A process that reads streams over RTSP as MediaMTX does, one connection for each, and counts: `readersProcess.js`. Its parent sends the
 * addresses (`{read: [url, …]}`), asks for the counts (`'counts'`), and resets them (`'reset'`).
 */
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { readMark } from './loadStream.js';
import type { Counts, ReadersOrder } from './readersMessages.js';

const FU_A = 28;
const START = 0x80;
/** Pause between requests, so that the server does not end the connection of a reader that sends nothing (the relay: 120 s). */
const STAY_ALIVE_MS = 20_000;

class Reading {
  readonly #socket: Socket;
  readonly #url: URL;
  readonly #bare: string;
  #pending: Buffer = Buffer.alloc(0);
  #step = 0;
  #sequence = 0;
  #session = '';
  #lastSequence = -1;
  #last = { pull: -1, picture: -1 };
  #lastAtMs = performance.now();
  isClosed = false;
  isPlaying = false;
  /** The first line of an answer without success; null: all answers were successes. */
  refusal: string | null = null;
  packets = 0;
  lostPackets = 0;
  pictures = 0;
  lostPictures = 0;
  changes = 0;
  longestMs = 0;

  constructor(url: string) {
    this.#url = new URL(url);
    this.#bare = `rtsp://${this.#url.host}${this.#url.pathname}`;
    this.#socket = connect(Number(this.#url.port), this.#url.hostname, () => this.#ask());
    this.#socket.on('error', () => undefined);
    const timer = setInterval(() => this.isPlaying && this.#send('OPTIONS', this.#bare), STAY_ALIVE_MS);
    this.#socket.on('close', () => {
      this.isClosed = true;
      clearInterval(timer);
    });
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  /** Sets all counts to 0; a gap that lasts counts from the last picture before. */
  reset(): void {
    [this.packets, this.lostPackets, this.pictures, this.lostPictures, this.changes] = [0, 0, 0, 0, 0];
    this.longestMs = 0;
  }

  #ask(): void {
    const asked = [
      ['DESCRIBE', this.#bare],
      ['SETUP', `${this.#bare}/trackID=0`, 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1'],
      ['PLAY', `${this.#bare}/`],
    ][this.#step++];
    if (!asked) return;
    const [method = '', url = '', ...more] = asked;
    this.#send(method, url, ...more);
  }

  #send(method: string, url: string, ...more: readonly string[]): void {
    const login = Buffer.from(`${this.#url.username}:${this.#url.password}`).toString('base64');
    const lines = [`${method} ${url} RTSP/1.0`, `CSeq: ${++this.#sequence}`, ...more];
    if (this.#url.username !== '') lines.push(`Authorization: Basic ${login}`);
    if (this.#session !== '') lines.push(`Session: ${this.#session}`);
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  #take(bytes: Buffer): void {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    let at = 0;
    while (at + 4 <= all.length) {
      if (all[at] === 0x24) {
        const end = at + 4 + all.readUInt16BE(at + 2);
        if (end > all.length) break;
        if (all[at + 1] === 0) this.#packet(all, at + 4);
        at = end;
      } else {
        const end = all.indexOf('\r\n\r\n', at);
        if (end === -1) break;
        const head = all.toString('latin1', at, end);
        const whole = end + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (whole > all.length) break;
        at = whole;
        this.#session = /^session: *([^;\r]+)/im.exec(head)?.[1] ?? this.#session;
        if (!head.startsWith('RTSP/1.0 200')) this.#refused(head);
        else if (this.#step < 3) this.#ask();
        else this.isPlaying = true;
      }
    }
    this.#pending = Buffer.from(all.subarray(at));
  }

  #refused(head: string): void {
    this.refusal = head.split('\r\n')[0] ?? '';
    this.#socket.destroy();
  }

  #packet(all: Buffer, at: number): void {
    this.packets++;
    const sequence = all.readUInt16BE(at + 2);
    if (this.#lastSequence !== -1) this.lostPackets += (sequence - this.#lastSequence - 1) & 0xffff;
    this.#lastSequence = sequence;
    // The mark is in the first fragment of each picture.
    if (((all[at + 12] ?? 0) & 0x1f) !== FU_A || ((all[at + 13] ?? 0) & START) === 0) return;
    const mark = readMark(all.subarray(at + 14, at + 24));
    if (mark === null) return;
    this.pictures++;
    const nowMs = performance.now();
    this.longestMs = Math.max(this.longestMs, nowMs - this.#lastAtMs);
    this.#lastAtMs = nowMs;
    if (mark.pull !== this.#last.pull) this.changes++;
    // The first key frame of a cold pull is sent more than once, so numbers may repeat.
    else this.lostPictures += Math.max(0, mark.picture - this.#last.picture - 1);
    this.#last = mark;
  }
}

const readings: Reading[] = [];
process.on('message', (order: ReadersOrder) => {
  if (order === 'reset') for (const reading of readings) reading.reset();
  else if (order === 'counts') process.send?.(countsNow());
  else for (const url of order.read) readings.push(new Reading(url));
});

function countsNow(): Counts {
  const sum = (of: (reading: Reading) => number): number => readings.reduce((total, one) => total + of(one), 0);
  return {
    playing: sum(({ isPlaying, isClosed }) => (isPlaying && !isClosed ? 1 : 0)),
    closed: sum(({ isClosed }) => (isClosed ? 1 : 0)),
    refusals: readings.flatMap(({ refusal }) => (refusal === null ? [] : [refusal])),
    packets: sum(({ packets }) => packets),
    lostPackets: sum(({ lostPackets }) => lostPackets),
    pictures: sum(({ pictures }) => pictures),
    lostPictures: sum(({ lostPictures }) => lostPictures),
    changed: sum(({ changes }) => (changes > 0 ? 1 : 0)),
    longestMs: Math.max(0, ...readings.map(({ longestMs }) => longestMs)),
  };
}

process.on('disconnect', () => process.exit(0));
