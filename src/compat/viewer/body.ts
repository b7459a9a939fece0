import { readSourceUrl } from '../../core/camera/sourceUrl.js';

const LONGEST_URL = 500;
const LONGEST_LABEL = 100;

/** Sentences by field, as the old system answered them. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>;

/** What a client gives of a stream; undefined: it says nothing of it. */
export interface GivenStream {
  readonly url?: string;
  readonly label?: string | null;
}

/** Body or fields are not as the old system asked for. */
export class BodyRefused extends Error {
  readonly faults: FieldFaults;

  constructor(faults: FieldFaults) {
    super('The body of the request was refused.');
    this.faults = faults;
  }
}

/** Reads the body of POST, PUT and PATCH; other fields are ignored. `needsUrl`: all but PATCH. Throws `BodyRefused`. */
export function readBody(body: unknown, needsUrl: boolean): GivenStream {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new BodyRefused({ non_field_errors: ['Invalid data. Expected an object with "url" and "label".'] });
  const { url, label } = body as Readonly<Record<string, unknown>>;
  const faults: Record<string, readonly string[]> = {};
  const urlFault = url === undefined ? (needsUrl ? 'This field is required.' : null) : faultOfUrl(url);
  if (urlFault !== null) faults['url'] = [urlFault];
  const labelFault = label === undefined ? null : faultOfLabel(label);
  if (labelFault !== null) faults['label'] = [labelFault];
  if (Object.keys(faults).length > 0) throw new BodyRefused(faults);
  return {
    ...(typeof url === 'string' && { url }),
    // An empty label is none.
    ...(label !== undefined && { label: typeof label === 'string' && label.trim() !== '' ? label.trim() : null }),
  };
}

function faultOfUrl(url: unknown): string | null {
  if (url === null) return 'This field may not be null.';
  if (typeof url !== 'string') return 'Not a valid string.';
  if (url.trim() === '') return 'This field may not be blank.';
  if (url.length > LONGEST_URL) return `Ensure this field has no more than ${LONGEST_URL} characters.`;
  if (!/^rtsps?:\/\//i.test(url.trim())) return 'URL must start with rtsp://.';
  const read = readSourceUrl(url);
  return read.kind === 'fault' ? `${read.message} ${read.cure}` : null;
}

function faultOfLabel(label: unknown): string | null {
  if (label === null) return null;
  if (typeof label !== 'string') return 'Not a valid string.';
  if (/[\p{Cc}\p{Cs}]/u.test(label)) return 'The label holds a control character.';
  return label.length > LONGEST_LABEL ? `Ensure this field has no more than ${LONGEST_LABEL} characters.` : null;
}
