/** What a live URL says. */
export interface SignedName {
  /** `<SERIAL>_<channel>` */
  readonly ref: string;
  readonly quality: 1 | 2;
  /** Epoch seconds. */
  readonly expire: number;
  readonly id: string;
  /** The device's mark; null: the URL has none. */
  readonly mark: string | null;
  readonly signature: string;
}

/** How a cloud writes a live URL's application and stream name. */
export interface LiveForm {
  readonly app: string;
  /** The URL's last part, with its query. */
  write(parts: SignedName): string;
  /** null: not of this form. */
  read(streamName: string): SignedName | null;
}

/** EZVIZ and Hik-Connect. */
export const PLATFORM_FORM: LiveForm = {
  app: 'v3/openlive',
  write({ ref, quality, expire, id, mark, signature }) {
    const marked = mark === null ? '' : `&c=${mark}`;
    return `${ref}_${quality}?expire=${expire}&id=${id}${marked}&t=${signature}&ev=100`;
  },
  read(streamName) {
    const [, ref, quality, query] = /^([A-Z0-9]+_\d+)_([12])\?(.*)$/.exec(streamName) ?? [];
    if (ref === undefined) return null;
    const fields = new URLSearchParams(query);
    return {
      ref,
      quality: quality === '1' ? 1 : 2,
      expire: Number(fields.get('expire') ?? ''),
      id: fields.get('id') ?? '',
      mark: fields.get('c'),
      signature: fields.get('t') ?? '',
    };
  },
};
