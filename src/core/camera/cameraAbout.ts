/** A place on the globe, in degrees. */
export interface Coordinates {
  readonly lat: number;
  readonly lng: number;
}

/** What people note about a camera for their dashboards. camlease shows it and decides nothing by it. */
export interface CameraAbout {
  /** Where the camera hangs, in words; null: not noted. */
  readonly location: string | null;
  readonly city: string | null;
  readonly coordinates: Coordinates | null;
  /** The address of an uploaded picture, under `/images/`; null: none. */
  readonly image: string | null;
  /** Ids of people in the system that the dashboard belongs to. */
  readonly members: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** A key of the dashboard's own for a service on air quality. Secret: no reply shows it. */
  readonly aqiApiKey: string | null;
}

/** Fields that are left out stay as they are. */
export type AboutChange = { readonly [K in keyof CameraAbout]?: CameraAbout[K] | undefined };

/** The one object for every camera that nothing is noted of. */
export const NOTHING_ABOUT: CameraAbout = {
  location: null,
  city: null,
  coordinates: null,
  image: null,
  members: [],
  attributes: {},
  aqiApiKey: null,
};

/** In UTF-16 units; also of each attribute's value. */
export const LONGEST_NOTE = 200;
export const MOST_MEMBERS = 100;
export const LONGEST_MEMBER = 64;
export const MOST_ATTRIBUTES = 30;
/** What an attribute's key is made of. None of them reaches a prototype, is an operator of MongoDB, or is a path in it. */
export const ATTRIBUTE_KEY = /^[A-Za-z][0-9A-Za-z_-]{0,39}$/;

export function isCoordinates({ lat, lng }: { readonly lat: number; readonly lng: number }): boolean {
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
}

export function withAbout(about: CameraAbout, change: AboutChange): CameraAbout {
  const kept = <K extends keyof CameraAbout>(key: K): CameraAbout[K] => {
    const value = change[key];
    return value === undefined ? about[key] : value;
  };
  return {
    location: kept('location'),
    city: kept('city'),
    coordinates: kept('coordinates'),
    image: kept('image'),
    members: kept('members'),
    attributes: kept('attributes'),
    aqiApiKey: kept('aqiApiKey'),
  };
}

/** The texts that a search for cameras looks at. */
export function aboutTexts({ location, city, members, attributes }: CameraAbout): string[] {
  const words = [...members, ...Object.values(attributes)];
  return [location, city].reduce((all, text) => (text === null ? all : [text, ...all]), words);
}
