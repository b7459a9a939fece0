import { CAMERA_MODES, type CameraMode, type SoundSetting } from '../camera/camera.js';
import {
  ATTRIBUTE_KEY,
  isCoordinates,
  LONGEST_NOTE,
  MOST_ATTRIBUTES,
  type CameraAbout,
  type Coordinates,
} from '../camera/cameraAbout.js';
import { UNPRINTABLE } from '../camera/cameraName.js';
import { flagOf, plainText, textOf, Unreadable, type EntryValues } from './entryValues.js';

/** What an entry may note about its camera. */
export type EntryAbout = Partial<Pick<CameraAbout, 'location' | 'city' | 'coordinates' | 'attributes'>>;

/** The fields of an entry that the camera takes over as they are; what an entry leaves out stays as the camera has it. */
export interface FeedSettings {
  readonly name: string;
  readonly mode?: CameraMode;
  readonly sound?: SoundSetting;
  readonly labels?: readonly string[];
  readonly enabled?: boolean;
  readonly about?: EntryAbout;
}

/** The names of these fields; `lat` and `lng` are `coordinates` in the columns of a table. */
export const SETTING_FIELDS = [
  ...(['mode', 'sound', 'labels', 'enabled'] as const),
  ...(['location', 'city', 'coordinates', 'lat', 'lng', 'attributes'] as const),
] as const;

const LONGEST_LABEL = 64;
const MOST_LABELS = 20;
/** Programs for tables write a comma in countries that do. */
const DEGREES = /^[+-]?\d{1,3}(?:[.,]\d{1,20})?(?:e-\d{1,2})?$/;

/** Reads all but the name. Throws `Unreadable`. */
export function settingsOf(values: EntryValues): Omit<FeedSettings, 'name'> {
  const mode = values.get('mode');
  if (mode !== undefined && !CAMERA_MODES.some((one) => one === mode))
    throw new Unreadable(`has a mode that is none of ${CAMERA_MODES.join(', ')}`);
  const about = aboutOf(values);
  return {
    ...(mode !== undefined && { mode: mode as CameraMode }),
    ...(values.has('sound') && { sound: soundOf(values.get('sound')) }),
    ...(values.has('labels') && { labels: labelsOf(values.get('labels')) }),
    ...(values.has('enabled') && { enabled: flagOf(values.get('enabled'), 'enabled') }),
    ...(Object.keys(about).length > 0 && { about }),
  };
}

function soundOf(value: unknown): SoundSetting {
  try {
    return flagOf(value, 'sound') ? 'on' : 'off';
  } catch {
    throw new Unreadable('has a sound that is neither on nor off');
  }
}

/** A list of texts, or one text with commas or semicolons between them. */
function labelsOf(value: unknown): string[] {
  const parts = typeof value === 'string' ? value.split(/[;,]/) : value;
  if (!Array.isArray(parts)) throw new Unreadable('has labels that are no list of words');
  const words = parts.map((part: unknown) => plainText(part)?.trim() ?? null).filter((word) => word !== '');
  const isFine = words.every((word) => word !== null && word.length <= LONGEST_LABEL && !UNPRINTABLE.test(word));
  if (!isFine || words.length > MOST_LABELS)
    throw new Unreadable(
      `has labels that cannot be read: at most ${MOST_LABELS}, each of at most ${LONGEST_LABEL} characters`,
    );
  return [...new Set(words as string[])];
}

function aboutOf(values: EntryValues): EntryAbout {
  const coordinates = coordinatesOf(values);
  return {
    ...(values.has('location') && { location: noteOf(values, 'location') }),
    ...(values.has('city') && { city: noteOf(values, 'city') }),
    ...(coordinates !== null && { coordinates }),
    ...(values.has('attributes') && { attributes: attributesOf(values.get('attributes')) }),
  };
}

function noteOf(values: EntryValues, name: 'location' | 'city'): string {
  const text = textOf(values, name, LONGEST_NOTE).normalize('NFC').trim();
  if (text === '' || UNPRINTABLE.test(text)) throw new Unreadable(`has a ${name} that cannot be read`);
  return text;
}

/** null: the entry names no place. */
function coordinatesOf(values: EntryValues): Coordinates | null {
  const hasColumns = values.has('lat') || values.has('lng');
  if (!values.has('coordinates')) return hasColumns ? placeOf(values.get('lat'), values.get('lng')) : null;
  if (hasColumns) throw new Unreadable('has coordinates beside lat and lng: leave one of the two out');
  const given = values.get('coordinates');
  if (typeof given === 'string' && !given.trim().startsWith('{')) {
    const [lat, lng, ...more] = given.split(/\s*[,;]\s*|\s+/);
    if (more.length > 0) throw unreadablePlace();
    return placeOf(lat, lng);
  }
  const place = objectOf(given);
  if (place === null) throw unreadablePlace();
  const { lat = null, lng = null } = place;
  // Clients of the Hikvision guide write a camera without a place so.
  return lat === null && lng === null ? null : placeOf(lat, lng);
}

function placeOf(lat: unknown, lng: unknown): Coordinates {
  const place = { lat: degreesOf(lat), lng: degreesOf(lng) };
  if (!isCoordinates(place)) throw unreadablePlace();
  return place;
}

function degreesOf(value: unknown): number {
  const text = plainText(value)?.trim() ?? '';
  if (!DEGREES.test(text)) throw unreadablePlace();
  return Number(text.replace(',', '.'));
}

function unreadablePlace(): Unreadable {
  return new Unreadable('has coordinates that are no degrees: lat from -90 to 90 and lng from -180 to 180');
}

/** Names and texts; in a table `floor=2; owner=Parks`, or JSON. An empty text counts as absent. */
function attributesOf(value: unknown): Readonly<Record<string, string>> {
  const isPairs = typeof value === 'string' && !value.trim().startsWith('{');
  const given = isPairs ? pairsOf(value) : Object.entries(objectOf(value) ?? unreadableAttributes());
  const read = given.map(([name, one]) => [name.trim(), one === null ? '' : attributeText(one)] as const);
  const kept = read.filter(([, text]) => text !== '');
  if (kept.length > MOST_ATTRIBUTES || kept.some(([name]) => !ATTRIBUTE_KEY.test(name))) unreadableAttributes();
  return Object.fromEntries(kept);
}

function pairsOf(text: string): Array<[string, unknown]> {
  const pairs = text.split(';').filter((pair) => pair.trim() !== '');
  return pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at === -1) unreadableAttributes();
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function attributeText(value: unknown): string {
  const text = typeof value === 'boolean' ? String(value) : plainText(value)?.trim();
  return text === undefined || text.length > LONGEST_NOTE ? unreadableAttributes() : text;
}

function unreadableAttributes(): never {
  throw new Unreadable(
    `has attributes that cannot be read: at most ${MOST_ATTRIBUTES} names of letters, digits, _ and -, each with a text of at most ${LONGEST_NOTE} characters, such as floor=2; owner=Parks`,
  );
}

/** Also JSON text of one; null: it is none. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  let object = value;
  if (typeof value === 'string') {
    try {
      object = JSON.parse(value) as unknown;
    } catch {
      return null;
    }
  }
  return typeof object === 'object' && object !== null && !Array.isArray(object)
    ? (object as Readonly<Record<string, unknown>>)
    : null;
}
