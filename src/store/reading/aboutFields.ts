import { isDeepStrictEqual } from 'node:util';
import {
  ATTRIBUTE_KEY,
  isCoordinates,
  LONGEST_MEMBER,
  LONGEST_NOTE,
  MOST_ATTRIBUTES,
  MOST_MEMBERS,
  NOTHING_ABOUT,
  type CameraAbout,
  type Coordinates,
} from '../../core/camera/cameraAbout.js';
import { textOf } from './handMadeFields.js';

/** What people note about a camera, as a document has it: the same fields as in documents of the Hikvision guide. */
// A type, not an interface, which could not be read as any document.
export type AboutFields = {
  readonly location?: string | null;
  readonly city?: string | null;
  readonly coordinates?: Coordinates | null;
  readonly image?: string | null;
  readonly members?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly aqi_api_key?: string | null;
};

export const ABOUT_FIELDS = [
  'location',
  'city',
  'coordinates',
  'image',
  'members',
  'attributes',
  'aqi_api_key',
] as const satisfies ReadonlyArray<keyof AboutFields>;

type Fields = Readonly<Record<string, unknown>>;

/** Old programs write these fields in many forms. What cannot be read counts as not noted, and stays in the document. */
export function decodeAbout(fields: Fields): CameraAbout {
  if (ABOUT_FIELDS.every((field) => fields[field] === undefined || fields[field] === null)) return NOTHING_ABOUT;
  return {
    location: noteOf(fields['location']),
    city: noteOf(fields['city']),
    coordinates: coordinatesOf(fields['coordinates']),
    image: imageOf(fields['image']),
    members: membersOf(fields['members']),
    attributes: attributesOf(fields['attributes']),
    aqiApiKey: noteOf(fields['aqi_api_key']),
  };
}

/**
 * The fields that differ from those that the document was read with. The others are left out, so that a write leaves them in the
 * form that another program gave them (ids as ObjectId, say).
 */
export function encodeAbout(about: CameraAbout, asRead: CameraAbout): AboutFields {
  if (about === asRead) return NONE_CHANGED;
  const differs = (key: keyof CameraAbout): boolean => !isDeepStrictEqual(about[key], asRead[key]);
  return {
    ...(differs('location') && { location: about.location }),
    ...(differs('city') && { city: about.city }),
    ...(differs('coordinates') && { coordinates: about.coordinates }),
    ...(differs('image') && { image: about.image }),
    ...(differs('members') && { members: about.members }),
    ...(differs('attributes') && { attributes: about.attributes }),
    ...(differs('aqiApiKey') && { aqi_api_key: about.aqiApiKey }),
  };
}

const NONE_CHANGED: AboutFields = {};

function noteOf(value: unknown): string | null {
  const text = textOf(value);
  return text === null || text === '' ? null : text.slice(0, LONGEST_NOTE);
}

function imageOf(value: unknown): string | null {
  const text = noteOf(value);
  return text !== null && /^\/images\/[\w./-]+$/.test(text) && !text.includes('..') ? text : null;
}

function coordinatesOf(value: unknown): Coordinates | null {
  const read = typeof value === 'string' ? parsed(value) : value;
  if (!isObject(read)) return null;
  const [lat, lng] = [textOf(read['lat']), textOf(read['lng'])];
  if (lat === null || lng === null || lat === '' || lng === '') return null;
  const place = { lat: Number(lat), lng: Number(lng) };
  return isCoordinates(place) ? place : null;
}

function membersOf(value: unknown): readonly string[] {
  const read = typeof value === 'string' ? parsed(value) : value;
  if (!Array.isArray(read)) return [];
  const ids = read.slice(0, MOST_MEMBERS).map(memberOf);
  return [...new Set(ids.filter((id) => id !== ''))];
}

interface ObjectIdLike {
  toHexString(): string;
}

/** An id as text, as MongoDB's ObjectId, or as its JSON. */
function memberOf(value: unknown): string {
  if (isObject(value)) {
    if (isObjectId(value)) return value.toHexString();
    if (typeof value['$oid'] === 'string') return value['$oid'].slice(0, LONGEST_MEMBER);
  }
  return (textOf(value) ?? '').slice(0, LONGEST_MEMBER);
}

function attributesOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value) || Array.isArray(value)) return NOTHING_ABOUT.attributes;
  const entries = Object.entries(value).flatMap(([key, inner]): Array<[string, string]> => {
    const text = typeof inner === 'boolean' ? String(inner) : noteOf(inner);
    return text !== null && ATTRIBUTE_KEY.test(key) ? [[key, text]] : [];
  });
  return Object.fromEntries(entries.slice(0, MOST_ATTRIBUTES));
}

function isObjectId(value: object): value is ObjectIdLike {
  return 'toHexString' in value && typeof value.toHexString === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
