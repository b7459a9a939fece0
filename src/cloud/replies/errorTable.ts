import { CameraError, RETRIED, type FailureClass } from '../../core/errors.js';

/** What one code of a vendor means to camlease. */
export interface ErrorEntry {
  readonly failureClass: FailureClass;
  /** A plain sentence of camlease's; a vendor's text may hold a key and is never shown. */
  readonly message: string;
  readonly cure: string;
  /** The fault concerns the whole account, not one camera. */
  readonly accountWide?: boolean;
  /** How long camlease waits before it calls again, in milliseconds. */
  readonly waitMs?: number;
  /** camlease logs in once more; if the cloud then gives the same code, the fault is `permanent`: a person has to cure it. */
  readonly permanentAfterLogin?: boolean;
  /** The operator cures the fault in the camera's settings. Not every listing shows that change, so camlease tries again once an hour. */
  readonly ofSettings?: boolean;
}

export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

export function cameraError(code: string, entry: ErrorEntry, cause?: unknown): CameraError {
  return new CameraError(code, entry.failureClass, entry.message, {
    cure: entry.cure,
    accountWide: entry.accountWide ?? false,
    ofSettings: entry.ofSettings ?? false,
    ...(entry.waitMs !== undefined && { retryAfterMs: entry.waitMs }),
    ...(cause !== undefined && { cause }),
  });
}

const CODE_UNREADABLE = 'CLOUD_CODE_UNREADABLE';

/** The entry for a code that the vendor's table does not have; camlease tries again, as after a passing fault. */
export function unknownCode(code: string): ErrorEntry {
  if (code === CODE_UNREADABLE) {
    return {
      failureClass: 'retry',
      message: 'The cloud answered with a failure whose code is empty or holds more than letters and digits.',
      cure: `${RETRIED} If it stays, check that no proxy or firewall between camlease and the cloud answers in its place.`,
    };
  }
  return {
    failureClass: 'retry',
    message: `The cloud answered with the code ${code}, which camlease does not know.`,
    cure: `${RETRIED} If it stays, look up the code with the vendor and report it to the developers of camlease.`,
  };
}

/** The code if it is safe to show and store (letters, digits, dashes); any other text could carry more than a code. */
export function presentableCode(code: string): string {
  return /^[A-Za-z0-9_-]{1,32}$/.test(code) ? code : CODE_UNREADABLE;
}

/** camlease's own codes, for failures that the cloud reports with no code of the vendor. */
export const OWN_ERRORS = {
  CLOUD_UNREACHABLE: {
    failureClass: 'retry',
    message: 'The vendor cloud could not be reached.',
    cure: `${RETRIED} If it stays, check this machine's internet connection, DNS and firewall.`,
  },
  CLOUD_TIMEOUT: {
    failureClass: 'retry',
    message: 'The vendor cloud did not answer within 15 seconds.',
    cure: `${RETRIED} If it stays, check this machine's internet connection.`,
  },
  CLOUD_SERVER_ERROR: {
    failureClass: 'retry',
    message: 'The vendor cloud reported an internal error.',
    cure: `${RETRIED} If it stays for hours, check the vendor's status page.`,
  },
  CLOUD_HTTP_REFUSED: {
    failureClass: 'retry',
    message: 'The vendor cloud refused the request without saying why.',
    cure: `${RETRIED} If it stays, check that the base URL of the account is the vendor's API.`,
  },
  CLOUD_CALL_UNKNOWN: {
    failureClass: 'retry',
    message: 'The vendor cloud does not know this call (HTTP 404).',
    cure: `${RETRIED} If it stays, check that the base URL of the account is the vendor's API.`,
  },
  CLOUD_LOGIN_EXPIRED: {
    failureClass: 'reauth',
    message: 'The vendor cloud no longer accepts the login of camlease.',
    cure: 'camlease logs in again by itself. If it stays, check the keys of the account.',
    accountWide: true,
  },
  CLOUD_TOO_MANY_REQUESTS: {
    failureClass: 'quota',
    message: 'The vendor cloud says that camlease calls too often.',
    cure: 'camlease waits and then goes on by itself. Check that no other program uses the same keys.',
    accountWide: true,
    waitMs: 60_000,
  },
  CLOUD_REPLY_UNREADABLE: {
    failureClass: 'retry',
    message: 'The reply of the vendor cloud could not be read.',
    cure: `${RETRIED} If it stays, the vendor has changed its API, or a proxy between camlease and the vendor answers instead: report it to the developers of camlease with this message.`,
  },
  CLOUD_REPLY_TOO_LARGE: {
    failureClass: 'retry',
    message: 'The reply of the vendor cloud is larger than camlease accepts.',
    cure: `${RETRIED} If it stays, report it to the developers of camlease.`,
  },
  CLOUD_LISTING_ENDLESS: {
    failureClass: 'retry',
    message: 'The camera listing of the vendor cloud does not come to an end.',
    cure: 'camlease keeps the cameras that it knows. Split an account that has more than 20,000 cameras.',
  },
  CLOUD_HOST_REFUSED: {
    failureClass: 'permanent',
    message: 'The URL is not on a host of the vendor.',
    cure: 'camlease sent nothing there. If you trust the host (a simulator, a private cloud), name it in CLOUD_EXTRA_HOSTS.',
  },
  CLOUD_OTHER_CAMERA: {
    failureClass: 'retry',
    message: 'The cloud gave the live URL of another camera.',
    cure: `camlease does not use it and asks again by itself. If it stays, find the cameras again (POST /api/hikvision/initialize): somebody may have swapped channels in the vendor app.`,
  },
  CLOUD_RESOURCE_UNKNOWN: {
    failureClass: 'permanent',
    message: "camlease does not know the cloud's id of this camera (hikvisionResourceId) yet.",
    cure: 'Find the cameras again (POST /api/hikvision/initialize): the listing contains it. Or set hikvisionResourceId by hand.',
  },
  CLOUD_PICTURE_UNREADABLE: {
    failureClass: 'retry',
    message: 'The cloud sent something that is not a picture.',
    cure: `${RETRIED} While this lasts, camlease asks less and less often; live pictures do not need it.`,
  },
  CLOUD_PICTURE_TOO_LARGE: {
    failureClass: 'permanent',
    message: 'The picture is larger than 60 kB, and camlease cannot make it smaller on this machine.',
    cure: 'Install the optional package node-av (npm ci does). Live pictures do not need it; camlease asks again once a day.',
  },
  CLOUD_PICTURE_ENCRYPTED: {
    failureClass: 'permanent',
    message: 'The cloud sends pictures of this camera only encrypted.',
    cure: 'Turn off image encryption of the device in the vendor app. Live pictures do not need it; camlease asks again once a day.',
  },
} as const satisfies ErrorTable;

export type OwnErrorCode = keyof typeof OWN_ERRORS;

/** An error with one of camlease's own codes. A field of `more` replaces the table's: a more exact sentence, say. */
export function ownError(
  code: OwnErrorCode,
  more: { message?: string; accountWide?: boolean; waitMs?: number; cause?: unknown } = {},
): CameraError {
  const entry: ErrorEntry = OWN_ERRORS[code];
  return cameraError(
    code,
    {
      ...entry,
      ...(more.message !== undefined && { message: more.message }),
      ...(more.accountWide !== undefined && { accountWide: more.accountWide }),
      ...(more.waitMs !== undefined && { waitMs: more.waitMs }),
    },
    more.cause,
  );
}
