import { CameraError, type FailureClass } from '../../core/errors.js';

/** What one code of a vendor means to camlease. */
export interface ErrorEntry {
  readonly failureClass: FailureClass;
  /** A plain sentence of camlease's; a vendor's text may hold a key and is never shown. */
  readonly message: string;
  readonly cure: string;
  /** The cloud refuses the account, not one camera. */
  readonly accountWide?: boolean;
  /** How long to make no calls, in milliseconds. */
  readonly waitMs?: number;
  /** Worth one fresh login; if that does not help, the fault stays until somebody changes something. */
  readonly permanentAfterLogin?: boolean;
  /** The operator cures it in the camera's settings, which not every listing shows: the cloud is asked once an hour. */
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

/** The entry of a code that no table has: it counts as a passing fault. */
export function unknownCode(code: string): ErrorEntry {
  if (code === CODE_UNREADABLE) {
    return {
      failureClass: 'retry',
      message: 'The cloud answered with a failure whose code is empty or holds more than letters and digits.',
      cure: 'camlease tries again by itself. If it stays, check that nothing between us and the cloud answers in its place.',
    };
  }
  return {
    failureClass: 'retry',
    message: `The cloud answered with the code ${code}, which we do not know.`,
    cure: 'camlease tries again by itself. If it stays, look the code up with the vendor and report it to us.',
  };
}

/** The code if it is safe to show and store (letters, digits, dashes); any other text could carry more than a code. */
export function presentableCode(code: string): string {
  return /^[A-Za-z0-9_-]{1,32}$/.test(code) ? code : CODE_UNREADABLE;
}

const RETRIED = 'camlease tries again by itself.';

/** Failures on the way to a cloud and back, in camlease's own codes. */
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
    message: 'The vendor cloud reported a fault of its own.',
    cure: `${RETRIED} If it stays for hours, look at the vendor's status page.`,
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
    message: 'The vendor cloud does not accept our login any more.',
    cure: 'We log in again by ourselves. If it stays, check the keys of the account.',
    accountWide: true,
  },
  CLOUD_TOO_MANY_REQUESTS: {
    failureClass: 'quota',
    message: 'The vendor cloud says that we call too often.',
    cure: 'The account waits and goes on by itself. Check that no other program uses the same keys.',
    accountWide: true,
    waitMs: 60_000,
  },
  CLOUD_REPLY_UNREADABLE: {
    failureClass: 'retry',
    message: 'The reply of the vendor cloud could not be read.',
    cure: `${RETRIED} If it stays, the vendor has changed its interface or something between us and it answers instead: report it to us with this message.`,
  },
  CLOUD_REPLY_TOO_LARGE: {
    failureClass: 'retry',
    message: 'The reply of the vendor cloud is larger than we accept.',
    cure: `${RETRIED} If it stays, report it to us.`,
  },
  CLOUD_LISTING_ENDLESS: {
    failureClass: 'retry',
    message: 'The camera listing of the vendor cloud does not come to an end.',
    cure: 'What is known stays as it is. Accounts with more than 20,000 cameras have to be split.',
  },
  CLOUD_HOST_REFUSED: {
    failureClass: 'permanent',
    message: 'The address is not on a host of the vendor.',
    cure: 'Nothing was sent there. If you trust the host (a simulator, a private cloud), name it in CLOUD_EXTRA_HOSTS.',
  },
  CLOUD_OTHER_CAMERA: {
    failureClass: 'retry',
    message: 'The cloud gave the live address of another camera than was asked for.',
    cure: `It was not used, and is asked for again by itself. If it stays, find the cameras again (POST /api/hikvision/initialize): channels may have been exchanged in the vendor app.`,
  },
  CLOUD_RESOURCE_UNKNOWN: {
    failureClass: 'permanent',
    message: "The cloud's id of this camera (hikvisionResourceId) is not known yet.",
    cure: 'Find cameras anew (POST /api/hikvision/initialize): the listing tells it. Or set hikvisionResourceId by hand.',
  },
  CLOUD_PICTURE_UNREADABLE: {
    failureClass: 'retry',
    message: 'What the cloud gave as a picture is none.',
    cure: `${RETRIED} It is asked for less and less often while it stays so; live pictures do not need it.`,
  },
  CLOUD_PICTURE_TOO_LARGE: {
    failureClass: 'permanent',
    message: 'The picture is larger than 60 kB, and nothing here can make it smaller.',
    cure: 'Install the optional package node-av (npm ci does). Live pictures do not need it; we ask again once a day.',
  },
  CLOUD_PICTURE_ENCRYPTED: {
    failureClass: 'permanent',
    message: 'The cloud can give pictures of this camera only encrypted.',
    cure: 'Turn off image encryption of the device in the vendor app. Live pictures do not need it; we ask again once a day.',
  },
} as const satisfies ErrorTable;

export type OwnErrorCode = keyof typeof OWN_ERRORS;

/** An error with a code of camlease's own; `message` says it more exactly than the table can. */
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
