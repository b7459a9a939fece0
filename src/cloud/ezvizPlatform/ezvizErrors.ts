import { RETRIED } from '../../core/errors.js';
import { unknownCode, type ErrorEntry, type ErrorTable } from '../replies/errorTable.js';
import { parameterEntry, parameterIn } from '../replies/illegalParameter.js';

const MINUTE_MS = 60_000;

const CHECK_KEYS = 'Check the AppKey and the Secret of the account against the EZVIZ Open Platform console.';
const CHECK_RIGHTS = 'Give the account or sub-account the right to live view of this device in the EZVIZ console.';
const CHECK_DEVICE = 'Check in the EZVIZ app that the device belongs to this account, then find the cameras again.';
const REPORT =
  'This is an error of camlease or a change of the vendor: report it to the developers of camlease with the code.';
const WAKE_UP = 'Check power and network of the camera. camlease checks again every few minutes.';
const ENCRYPTION_OFF =
  'Turn off video encryption of this device in the EZVIZ app (it needs the verification code on its label). Where the cloud reports encryption, camlease notices this with the next listing and the camera comes back by itself.';
const UPGRADE = 'Wait, or move the account to a larger plan in the EZVIZ console.';

const permanent = (message: string, cure: string): ErrorEntry => ({ failureClass: 'permanent', message, cure });
const ofSettings = (message: string, cure: string): ErrorEntry => ({ ...permanent(message, cure), ofSettings: true });
const refused = (message: string, cure: string): ErrorEntry => ({ ...permanent(message, cure), accountWide: true });
const passing = (message: string, cure = RETRIED): ErrorEntry => ({ failureClass: 'retry', message, cure });
const deadToken = (message: string, more: Partial<ErrorEntry> = {}): ErrorEntry => ({
  failureClass: 'reauth',
  message,
  cure: `camlease logs in again by itself. If it stays: ${CHECK_KEYS}`,
  accountWide: true,
  ...more,
});

/**
 * Codes of `/api/lapp` (https://open.ys7.com/doc/zh/book/index/api-code.html, and the help page of each call); Hik-Connect uses
 * the same with `EVZ` before them. 10014 and 10018 have been seen for a dead token as well as for wrong keys: one fresh login
 * decides.
 */
export const EZVIZ_ERRORS = {
  '401': deadToken('The EZVIZ cloud does not accept the login of camlease for this call.'),
  '403': permanent('The EZVIZ cloud does not allow this call.', CHECK_RIGHTS),
  '404': permanent('The EZVIZ cloud does not know what this call is about.', CHECK_DEVICE),
  '9053': ofSettings(
    'The camera sends H.265, which the cloud does not deliver this way.',
    'Set the video encoding of the camera to H.264 in the EZVIZ app, or the quality of this camera to sub.',
  ),
  '10001': permanent('The EZVIZ cloud says that a value in the request is not valid.', REPORT),
  '10002': deadToken('The EZVIZ login has expired or is wrong.'),
  '10003': deadToken('The EZVIZ login has expired.'),
  '10004': refused('The EZVIZ user of these keys does not exist.', CHECK_KEYS),
  '10005': refused(
    'The EZVIZ AppKey is frozen or has another problem.',
    'Check the state of the app in the EZVIZ Open Platform console, or ask the vendor to unfreeze it.',
  ),
  '10006': {
    failureClass: 'quota',
    message: 'The vendor cloud limits the network address from which camlease calls.',
    cure: 'camlease waits and then goes on by itself. Check what else calls EZVIZ from this network.',
    accountWide: true,
    waitMs: 10 * MINUTE_MS,
  },
  '10007': {
    failureClass: 'quota',
    message: 'The EZVIZ account has used up its number of calls.',
    cure: `camlease goes on by itself when the vendor allows it. ${UPGRADE}`,
    accountWide: true,
    waitMs: 10 * MINUTE_MS,
  },
  '10013': permanent('The app of this EZVIZ account may not use this call.', CHECK_RIGHTS),
  '10014': deadToken('The EZVIZ user is not bound to the app.', { permanentAfterLogin: true }),
  '10017': refused(
    'The EZVIZ AppKey does not exist on this cloud.',
    `${CHECK_KEYS} Keys of the Chinese cloud do not work on the international one, and the other way round.`,
  ),
  '10018': deadToken('The EZVIZ login does not belong to this AppKey.', { permanentAfterLogin: true }),
  '10026': {
    failureClass: 'quota',
    message: 'The EZVIZ plan of this account does not cover this device or call.',
    cure: UPGRADE,
    waitMs: 10 * MINUTE_MS,
  },
  '10028': {
    failureClass: 'quota',
    message: 'The EZVIZ account has used up its number of captures.',
    cure: UPGRADE,
    waitMs: 60 * MINUTE_MS,
  },
  '10029': {
    failureClass: 'retry',
    message: 'The vendor cloud says that camlease calls too often.',
    cure: 'camlease waits a minute and then goes on by itself. Check that no other program uses the same keys.',
    accountWide: true,
    waitMs: MINUTE_MS,
  },
  '10030': refused('AppKey and Secret of the EZVIZ account do not belong together.', CHECK_KEYS),
  '10031': permanent('The EZVIZ sub-account lacks the right to this device.', CHECK_RIGHTS),
  '10032': refused('The EZVIZ sub-account of these keys is not usable.', CHECK_KEYS),
  '10033': refused('The EZVIZ sub-account of these keys is not usable.', CHECK_KEYS),
  '10034': refused('The EZVIZ sub-account of these keys is not usable.', CHECK_KEYS),
  '10035': refused('The EZVIZ sub-account of these keys is not usable.', CHECK_KEYS),
  '10036': refused('The EZVIZ sub-account of these keys is not usable.', CHECK_KEYS),
  '10051': permanent(
    'The app of this EZVIZ account has no right to take pictures.',
    'Ask EZVIZ for the right to capture in its console. Live pictures do not need it; camlease asks again once a day.',
  ),
  '20001': permanent('The channel of this camera does not exist.', CHECK_DEVICE),
  '20002': permanent('The device of this camera does not exist or is registered in another region.', CHECK_DEVICE),
  '20006': passing('The device has a network problem.', `${RETRIED} If it stays: ${WAKE_UP}`),
  '20007': { failureClass: 'camera-state', message: 'The camera is offline.', cure: WAKE_UP },
  '20008': passing('The camera did not answer the cloud in time.', `${RETRIED} If it stays: ${WAKE_UP}`),
  '20010': permanent('The verification code of the device is wrong.', 'Enter the code on its label in the EZVIZ app.'),
  '20014': permanent('The serial number of the device is not valid.', CHECK_DEVICE),
  '20015': permanent('The device cannot do this.', 'Update its firmware, or use another camera for this purpose.'),
  '20018': permanent('The device does not belong to this account.', CHECK_DEVICE),
  '20032': permanent('The channel of this camera does not exist.', CHECK_DEVICE),
  '49999': passing('The cloud could not process the data of this call.'),
  '50000': passing('The cloud reports an internal error.'),
  '60012': passing('The device answered with an error that the cloud does not know.'),
  '60017': passing('The camera could not take the picture.'),
  '60019': ofSettings('The video of this camera is encrypted.', ENCRYPTION_OFF),
  '60020': permanent('The device does not know this command.', 'Update its firmware, or use another camera.'),
  '60026': {
    failureClass: 'camera-state',
    message: 'The privacy mask of the camera is on.',
    cure: 'Turn off the privacy mask in the EZVIZ app. camlease checks again every few minutes.',
  },
  '60058': permanent(
    'The cloud blocks this device as a high risk.',
    'Update its firmware and confirm the warning in the EZVIZ app.',
  ),
  '60060': permanent('Live URLs are not enabled for this camera.', 'Enable live video for it in the EZVIZ console.'),
  '60061': {
    failureClass: 'quota',
    message: 'The EZVIZ account has used up its traffic.',
    cure: UPGRADE,
    accountWide: true,
    waitMs: 10 * MINUTE_MS,
  },
  '60062': passing('A live video of this camera is already open.'),
  '60063': permanent('Live video is not enabled for this camera.', 'Enable live video for it in the EZVIZ console.'),
  '60203': permanent(
    'The service that this call needs is not enabled for the account.',
    'Enable it in the EZVIZ Open Platform console.',
  ),
  '70003': refused('The refresh token of the EZVIZ login is missing.', CHECK_KEYS),
  '70004': refused('The refresh token of the EZVIZ login is wrong.', CHECK_KEYS),
} as const satisfies ErrorTable;

const TABLE: ErrorTable = EZVIZ_ERRORS;

/** What a code means; an unknown code counts as a passing fault. */
export function ezvizEntry(code: string): ErrorEntry {
  return (Object.hasOwn(TABLE, code) ? TABLE[code] : undefined) ?? unknownCode(code);
}

/** What a code means, given the vendor's text, which names the parameter that the cloud refuses. */
export function ezvizFailure(code: string, text: string): ErrorEntry {
  const named = code === '10001' ? parameterEntry(parameterIn(text), ENCRYPTION_OFF, CHECK_DEVICE) : null;
  return named ?? ezvizEntry(code);
}

export function isKnownEzvizCode(code: string): boolean {
  return Object.hasOwn(TABLE, code);
}
