/**
 * What a camera's id is made of. It is also the path's name in the media server, where a leading `_` marks internal paths.
 * Every id that camlease stores has this form.
 */
export const CAMERA_ID = /^[0-9A-Za-z-][0-9A-Za-z_-]{0,63}$/;

/** `CAMERA_ID` in words, as the rest of a sentence. */
export const CAMERA_ID_FORM = '1 to 64 of 0-9 A-Z a-z _ and -, and no _ at the start';

/**
 * What a request may name as a camera: also an id with a leading `_`. A stored document with such an id is left out, and the
 * API answers why.
 */
export const CAMERA_NAMED = /^[0-9A-Za-z_-]{1,64}$/;

export function isCameraId(text: string): boolean {
  return CAMERA_ID.test(text);
}
