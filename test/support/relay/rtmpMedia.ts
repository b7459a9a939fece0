import { aStatus, oneChunk } from './oddRtmpServer.js';

export const VIDEO = 9;
export const AUDIO = 8;
export const START = aStatus('NetStream.Play.Start');
export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Baseline 3.0; the sets need not be decodable here. */
const AVCC = hex('01 42c01e ff e1 0004 6742c01e 01 0003 68ce3c');
export const HVCC = Buffer.concat([
  Buffer.alloc(21, 1),
  hex('03 03 a0 0001 0002 4001 a1 0001 0002 4201 a2 0001 0002 4401'),
]);
/** Units, each with its length of four bytes in front. */
export const lengthed = (...units: string[]): Buffer =>
  Buffer.concat(units.flatMap((unit) => [hex(`0000 00${(unit.length / 2).toString(16).padStart(2, '0')}`), hex(unit)]));
/** A video tag of the legacy form. `kind`: frame type and codec as two hexadecimal digits. */
export const avc = (kind: string, packet: number, offset: number, body: Buffer): Buffer => {
  const head = Buffer.from([Number.parseInt(kind, 16), packet, 0, 0, 0]);
  head.writeIntBE(offset, 2, 3);
  return Buffer.concat([head, body]);
};
export const setup = (time = 0): Buffer => oneChunk(VIDEO, time, avc('17', 0, 0, AVCC));
export const key = (time: number, offset = 0): Buffer => oneChunk(VIDEO, time, avc('17', 1, offset, lengthed('6588')));
export const delta = (time: number): Buffer => oneChunk(VIDEO, time, avc('27', 1, 0, lengthed('419a')));
