/** What viewers see while a camera's pictures do not come. */
export interface StandInRules {
  /** True: the stand-in is also shown to viewers who come before the camera's first picture. */
  readonly whenCold: boolean;
  /** After this many ms without a picture on an open connection, the camera counts as away. */
  readonly silentMs: number;
  /** How many ms after the last picture the stand-in gets its label; until then it is the last picture repeated. */
  readonly labelledMs: number;
  /** After this many ms the stand-in ends, and with it the stream; null: it is shown until the camera is back. */
  readonly longestMs: number | null;
}
