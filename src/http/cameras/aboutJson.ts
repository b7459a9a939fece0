import type { z } from 'zod';
import type { AboutChange, CameraAbout } from '../../core/camera/cameraAbout.js';
import type { aboutReplyShape, aboutShape } from '../shapes/aboutSchemas.js';

type AboutJson = z.input<z.ZodObject<typeof aboutReplyShape>>;
type AboutBody = z.output<z.ZodObject<typeof aboutShape>>;

/** Maps of the Hikvision guide's dashboard crash where `coordinates` is no object. */
const NOWHERE = { lat: null, lng: null };

/** What is noted about a camera, without the key. */
export function aboutJson({ location, city, coordinates, image, members, attributes }: CameraAbout): AboutJson {
  return {
    location,
    city,
    coordinates: coordinates ?? NOWHERE,
    image,
    members: [...members],
    attributes: { ...attributes },
    aqiData: null,
  };
}

/** What a request changes of it; null: nothing. */
export function aboutChange(body: AboutBody): { readonly about: AboutChange } | null {
  const { location, city, coordinates, image, members, attributes, aqi_api_key: aqiApiKey } = body;
  const about = { location, city, coordinates, image, members, attributes, aqiApiKey };
  return Object.values(about).every((value) => value === undefined) ? null : { about };
}
