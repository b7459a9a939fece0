/** The faults of one camera, each switched on and off at run time. */
export const CAMERA_FAULTS = {
  offline: 'listed as offline; a live URL is refused (EVZ20007 / 20007), playing is refused',
  encrypted: 'stream encryption is on; a live URL is refused (EVZ60019 / 60019), older ones play the error clip',
  h265: 'both streams are H.265: a live URL is given, then the error clip plays (9053)',
  'h265-main': 'the main stream is H.265, the sub stream plays',
  deleted: 'still listed, but gone: OPEN000503 / 20002',
  unlisted: 'missing from every listing; all else still works',
  'odd-record': 'its record in the listing names no channel; all else still works',
  timeout: 'the device does not answer the cloud in time (EVZ20008 / 20008), playing brings no picture',
  hang: 'a call for its live URL is never answered',
  'error-clip': 'a live URL is given, then the error clip plays',
  'no-video': 'a live URL is given, playing is accepted, no picture ever comes',
} as const;
export type CameraFault = keyof typeof CAMERA_FAULTS;

/** The faults of a whole account, and variants of its cloud where the real behaviour is not known. */
export const ACCOUNT_FAULTS = {
  'token-dead': 'every token given out before this was switched on is dead; a new login works',
  'token-rejected': 'every token is refused, however fresh',
  'one-token': 'a login kills the older tokens',
  busy: 'every call answers HTTP 503',
  hang: 'no call is ever answered',
  unreadable: 'every call answers a web page instead of JSON',
  refused: 'a login is refused: key and secret do not match',
  'wrong-region': 'a login is refused in every region: the key does not exist',
  'rate-limited': 'every call is refused as one too many',
  quota: 'live URLs are refused: the call count is used up (EVZ10007 / 10007)',
  'wrapped-codes': 'hccgw: device errors come inside OPEN010001, the true code stands in the braces',
  'no-v1': 'EZVIZ: the older calls for live URLs are refused, the app has no right to them (10013)',
  'no-v2': 'EZVIZ: the newer calls for live URLs (v2) do not exist and answer a web page with HTTP 404',
  'page-totals': 'hccgw: totalCount counts pages instead of records',
} as const;
export type AccountFault = keyof typeof ACCOUNT_FAULTS;

/** What live URLs play that are given after the setting was changed; older URLs keep what they play. */
export const NEW_ADDRESS_PLAYS = {
  camera: 'the picture and sound of the camera',
  nothing: 'playing is accepted, no picture ever comes',
  'error-clip': 'the error clip',
  'other-codec': 'the picture in H.265',
  'other-size': 'a smaller picture, 320x180',
  'other-sound': 'sound if the camera has none, else none',
} as const;
export type NewAddressPlays = keyof typeof NEW_ADDRESS_PLAYS;

export function isNewAddressPlays(text: string): text is NewAddressPlays {
  return Object.hasOwn(NEW_ADDRESS_PLAYS, text);
}

export function isCameraFault(text: string): text is CameraFault {
  return Object.hasOwn(CAMERA_FAULTS, text);
}

export function isAccountFault(text: string): text is AccountFault {
  return Object.hasOwn(ACCOUNT_FAULTS, text);
}
