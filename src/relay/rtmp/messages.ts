/** Types of RTMP messages (RTMP 1.0, sections 5.4 and 7.1). */
export const MESSAGE = {
  chunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** User control events (section 7.1.7). */
export const EVENT = { streamEnd: 1, bufferLength: 3, pingRequest: 6, pingResponse: 7 } as const;
export type UserControlEvent = (typeof EVENT)[keyof typeof EVENT];

export interface RtmpMessage {
  /** One of `MESSAGE`, or an unknown type. */
  readonly type: number;
  /** Message stream; 0 is the connection's own. */
  readonly stream: number;
  /** Milliseconds, 32 bits without a sign; wraps after 49.7 days. */
  readonly timestamp: number;
  /** Valid until the reader's next `read`: later messages use the same memory. */
  readonly body: Buffer;
}
