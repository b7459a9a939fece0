import type { CloudWords } from '../../../../src/cloud/cloudApi.js';
import { cameraError, type ErrorEntry, type ErrorTable } from '../../../../src/cloud/replies/errorTable.js';

const RETRIED = 'camlease tries again by itself.';
const CHECK_KEYS = 'Check access id and signing key of the account against the Acme console.';
const MINUTE_MS = 60_000;

const permanent = (message: string, cure: string): ErrorEntry => ({ failureClass: 'permanent', message, cure });
const passing = (message: string): ErrorEntry => ({ failureClass: 'retry', message, cure: RETRIED });

export const ACME_ERRORS = {
  'E-100': { ...permanent('The Acme cloud does not know the access id.', CHECK_KEYS), accountWide: true },
  'E-101': { ...permanent('The signing key of the Acme account is wrong.', CHECK_KEYS), accountWide: true },
  'E-102': {
    failureClass: 'reauth',
    message: 'The Acme session has ended.',
    cure: `camlease logs in again by itself. If it stays: ${CHECK_KEYS}`,
    accountWide: true,
  },
  'E-103': { ...passing('The Acme cloud refuses the time of the request: clocks differ.'), accountWide: true },
  'E-104': passing('The Acme cloud has seen this request before.'),
  'E-105': permanent(
    'The Acme cloud could not read the request.',
    'Report it to the developers of camlease with the code.',
  ),
  'E-200': permanent('The camera does not exist on the Acme cloud.', 'Find the cameras again.'),
  'E-201': { failureClass: 'camera-state', message: 'The camera is offline.', cure: 'Check its power and network.' },
  'E-202': {
    ...permanent('The video of this camera is sealed.', 'Unseal its video in the Acme app.'),
    ofSettings: true,
  },
  'E-203': passing('The camera did not answer the Acme cloud in time.'),
  'E-301': {
    failureClass: 'quota',
    message: 'The Acme account has used up its number of calls.',
    cure: 'The account goes on by itself when the vendor allows.',
    accountWide: true,
    waitMs: 10 * MINUTE_MS,
  },
  'E-302': { ...passing('The Acme cloud says that camlease calls too often.'), accountWide: true, waitMs: MINUTE_MS },
} as const satisfies ErrorTable;

export const ACME_WORDS: CloudWords = {
  emptyListingCure: 'Add the cameras to the site of this access id in the Acme console.',
  encryptedError: () => cameraError('E-202', ACME_ERRORS['E-202']),
};
