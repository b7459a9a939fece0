import type { CloudWords } from '../cloudApi.js';
import { cameraError } from '../replies/errorTable.js';
import { HIK_ERRORS } from './hikErrors.js';

export const HIK_WORDS: CloudWords = {
  emptyListingCure:
    'Only cameras that were imported into an area are listed: in Hik-Connect for Teams add the device to an area and import its channels. ' +
    'If they are there, check that these keys are of the same team, and that their user may see the area.',
  encryptedError: () => cameraError('EVZ60019', HIK_ERRORS.EVZ60019),
};
