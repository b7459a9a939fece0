import { byApi, DELETE_BY_API } from '../byApi.js';

/** Why a camera shows no picture: a code of ours, a sentence and a cure. */
export interface CameraTrouble {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

export const DISABLED: CameraTrouble = {
  code: 'CAMERA_DISABLED',
  message: 'The camera is disabled in camlease.',
  cure: `Enable it: ${byApi({ hikvisionEnabled: true })}.`,
};
export const MISSING: CameraTrouble = {
  code: 'CAMERA_MISSING',
  message: "The camera is no longer in the account's listing.",
  cure: `Check in the vendor app whether the device was removed, or delete the camera (${DELETE_BY_API}).`,
};
export const OFFLINE: CameraTrouble = {
  code: 'CAMERA_OFFLINE',
  message: 'The cloud says that the camera is offline.',
  cure: "Check the camera's power and network; camlease notices by itself when it is back.",
};
export const UNIDENTIFIED: CameraTrouble = {
  code: 'CAMERA_UNIDENTIFIED',
  message:
    'No listing of an account has shown this camera yet, so camlease does not know which account to ask for its lease.',
  cure: 'Find the cameras again; if that does not help, compare its serial and channel with the vendor app.',
};
export const NO_LEASE: CameraTrouble = {
  code: 'LEASE_NONE',
  message: 'The camera has no lease yet.',
  cure: 'camlease asks for one at its next scheduled run; to ask now, renew the camera.',
};
export const EXPIRED: CameraTrouble = {
  code: 'LEASE_EXPIRED',
  message: "The camera's lease has expired.",
  cure: 'camlease asks for a new one by itself; to ask now, renew the camera.',
};
export const NO_PICTURE: CameraTrouble = {
  code: 'STREAM_NO_PICTURE',
  message: 'The lease is valid, but it brought no picture.',
  cure: 'Check the camera in the vendor app, then renew it.',
};

export const NOTHING_COMES = { code: 'NOTHING_COMES' } as const;

/** Troubles that end only when a person acts, or when the cloud's listing says something else. */
export const BY_HAND: ReadonlySet<string> = new Set([DISABLED.code, MISSING.code, OFFLINE.code, UNIDENTIFIED.code]);
