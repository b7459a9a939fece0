import type { ReaderEnd } from '../../core/streams/readerFrames.js';

/** Why a source is read no further. Holds no address and no text of a server. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';
  readonly why: ReaderEnd;
  /** Such as `HTTP_503` or `ECONNREFUSED`; null: none. */
  readonly code: string | null;

  constructor(why: ReaderEnd, code: string | null = null) {
    super(`The source ended: ${why}${code === null ? '' : ` (${code})`}.`);
    this.why = why;
    this.code = code;
  }
}
