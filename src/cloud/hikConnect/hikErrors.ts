import { RETRIED } from '../../core/errors.js';
import { unknownCode, type ErrorEntry, type ErrorTable } from '../replies/errorTable.js';
import { parameterEntry, parameterIn } from '../replies/illegalParameter.js';
import { ezvizEntry, isKnownEzvizCode } from '../ezvizPlatform/ezvizErrors.js';

const CHECK_KEYS = 'Check the AppKey and the SecretKey of the account against the Hik-Connect for Teams portal.';
const REPORT =
  'This is an error of camlease or a change of the vendor: report it to the developers of camlease with the code.';
const RELIST = 'Find the cameras again: this one may have been deleted or added anew in Hik-Connect for Teams.';
const WAKE_UP = 'Check power and network of the camera. camlease checks again every few minutes.';
const CHECK_RIGHTS = 'Give the user of these keys the right to it in the Hik-Connect for Teams portal.';
const ENCRYPTION_OFF =
  'Turn off stream encryption of the device in Hik-Connect for Teams; RTMP cannot carry it. Where the cloud reports encryption, camlease notices this with the next listing and the camera comes back by itself.';

const permanent = (message: string, cure: string): ErrorEntry => ({ failureClass: 'permanent', message, cure });
const ofSettings = (message: string, cure: string): ErrorEntry => ({ ...permanent(message, cure), ofSettings: true });
const refused = (message: string, cure: string): ErrorEntry => ({ ...permanent(message, cure), accountWide: true });
const passing = (message: string, cure = RETRIED): ErrorEntry => ({ failureClass: 'retry', message, cure });
const deadToken = (message: string): ErrorEntry => ({
  failureClass: 'reauth',
  message,
  cure: `camlease logs in again by itself. If it stays: ${CHECK_KEYS}`,
  accountWide: true,
});
const offline: ErrorEntry = { failureClass: 'camera-state', message: 'The camera is offline.', cure: WAKE_UP };

/**
 * Codes of hccgw (OpenAPI Developer Guide 2.15, appendix A.4). Codes of the EZVIZ platform, with `EVZ` before them, are in the
 * EZVIZ table.
 */
export const HIK_ERRORS = {
  OPEN000000: passing('The Hik-Connect cloud reports an internal error.'),
  OPEN000001: refused(
    'The Hik-Connect cloud does not know the AppKey.',
    `${CHECK_KEYS} If they are right, set HIKVISION_BASE_URL to the region of the account.`,
  ),
  OPEN000002: refused('The SecretKey of the Hik-Connect account is wrong.', CHECK_KEYS),
  OPEN300002: refused('The SecretKey of the Hik-Connect account is wrong.', CHECK_KEYS),
  OPEN000003: refused('The user of the Hik-Connect keys does not exist.', CHECK_KEYS),
  OPEN000004: refused('The system of the Hik-Connect keys does not exist.', CHECK_KEYS),
  OPEN000005: refused(
    'The Hik-Connect account is not linked.',
    'Link it again in the Hik-Connect for Teams portal, or make new keys there.',
  ),
  OPEN000006: deadToken('The Hik-Connect login has expired.'),
  OPEN000007: deadToken('The Hik-Connect login is not accepted.'),
  OPEN000008: permanent('The Hik-Connect cloud could not read a value in the request.', REPORT),
  OPEN000009: passing('The Hik-Connect cloud has a network problem.'),
  OPEN000010: permanent('The Hik-Connect cloud says that a value in the request is not valid.', REPORT),
  OPEN000011: passing('The requested data is not available yet.'),
  OPEN000018: passing('A server of the Hik-Connect cloud failed.'),
  OPEN000019: passing('A server of the Hik-Connect cloud got a bad response from another.'),
  OPEN000021: permanent('The account may not view this device.', CHECK_RIGHTS),
  OPEN000022: permanent('The account may not manage this device.', CHECK_RIGHTS),
  OPEN000023: passing('The Hik-Connect cloud could not read its own store.'),
  OPEN000024: permanent('One request asked for too much.', REPORT),
  OPEN000025: permanent('The Hik-Connect cloud does not accept this page size.', REPORT),
  OPEN000026: permanent('A time or another value in the request is out of range.', REPORT),
  OPEN000027: permanent('A time or another value in the request is out of range.', REPORT),
  OPEN000028: permanent('A time or another value in the request is out of range.', REPORT),
  OPEN000029: permanent('A time or another value in the request is out of range.', REPORT),
  OPEN000030: permanent('A time or another value in the request is out of range.', REPORT),
  OPEN000031: permanent('The area does not exist.', RELIST),
  OPEN000501: permanent('The device does not exist on the Hik-Connect cloud.', RELIST),
  OPEN000503: permanent('The camera does not exist on the Hik-Connect cloud.', RELIST),
  OPEN000550: passing('The device did not answer the cloud.', `${RETRIED} If it stays: ${WAKE_UP}`),
  OPEN000552: passing('The device answered the cloud with an error.'),
  OPEN000554: offline,
  OPEN000555: passing('The device did not answer the cloud in time.', `${RETRIED} If it stays: ${WAKE_UP}`),
  OPEN000556: passing('The camera could not take the picture.'),
  EVZ10001: permanent('The Hik-Connect cloud says that a value in the request is not valid.', REPORT),
  EVZ20010: permanent('The verification code of the device is wrong.', 'Enter the code on its label when adding it.'),
  EVZ20013: permanent(
    'The device belongs to another account.',
    'Remove it from that account first, then add it to this one.',
  ),
  EVZ20017: permanent('The device has been added already.', RELIST),
  EVZ60019: ofSettings('The video of this camera is encrypted.', ENCRYPTION_OFF),
  LAP000001: permanent('The Hik-Connect cloud says that a value in the request is not valid.', REPORT),
  LAP000004: passing('A part of the Hik-Connect cloud is overloaded or too slow.'),
  LAP300001: refused(
    'The Hik-Connect cloud does not know the AppKey.',
    `${CHECK_KEYS} If they are right, set HIKVISION_BASE_URL to the region of the account.`,
  ),
  LAP300002: refused('AppKey and SecretKey of the Hik-Connect account do not belong together.', CHECK_KEYS),
  VMS000009: passing('The Hik-Connect cloud is busy with the same request.'),
  VMS001000: passing('A gateway of the Hik-Connect cloud failed.'),
  VMS001001: passing('The Hik-Connect cloud is overloaded.'),
  VMS021307: permanent('The device does not exist on the Hik-Connect cloud.', RELIST),
  VMS021314: offline,
  VMS022543: offline,
} as const satisfies ErrorTable;

const TABLE: ErrorTable = HIK_ERRORS;
/** Outer codes that say nothing; the code in the braces of the message is the one that counts. */
const SAYS_NOTHING = new Set(['OPEN000000', 'OPEN010001']);

export interface HikFailure {
  readonly code: string;
  readonly entry: ErrorEntry;
}

/**
 * Which code of a failure counts, and what it means. `text` is the vendor's message, of the form `NAME{CODE}`: the inner code
 * counts rather than the outer one, unless only the outer one is known. An unknown code with TOKEN in its name is a dead token.
 */
export function hikFailure(outerCode: string, text: string): HikFailure {
  const [, name = text, innerCode] = /^([^{]*)\{([A-Za-z0-9_-]{1,32})\}/.exec(text.trim()) ?? [];
  for (const code of [innerCode, SAYS_NOTHING.has(outerCode) && innerCode !== undefined ? undefined : outerCode]) {
    const entry = code === undefined ? null : knownEntry(code);
    if (code !== undefined && entry) return { code, entry: withParameter(code, text) ?? entry };
  }
  const code = innerCode ?? outerCode;
  return { code, entry: /TOKEN/i.test(name) ? deadToken('The Hik-Connect login is not accepted.') : unknownCode(code) };
}

/** What a single code means; the EZVIZ platform's number for an unknown key means the same here. */
export function hikEntry(code: string): ErrorEntry {
  return /^(?:EVZ)?10017$/.test(code) ? HIK_ERRORS.OPEN000001 : (knownEntry(code) ?? unknownCode(code));
}

function withParameter(code: string, text: string): ErrorEntry | null {
  return code === 'EVZ10001' ? parameterEntry(parameterIn(text), ENCRYPTION_OFF, RELIST) : null;
}

function knownEntry(code: string): ErrorEntry | null {
  const own = Object.hasOwn(TABLE, code) ? TABLE[code] : undefined;
  if (own) return own;
  const ezvizCode = /^EVZ(\d+)$/.exec(code)?.[1];
  return ezvizCode !== undefined && isKnownEzvizCode(ezvizCode) ? ezvizEntry(ezvizCode) : null;
}
