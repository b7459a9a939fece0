import type { CloudWords } from '../cloudApi.js';
import { EZVIZ_ERRORS } from '../ezvizPlatform/ezvizErrors.js';
import { cameraError } from '../replies/errorTable.js';

export const EZVIZ_WORDS: CloudWords = {
  emptyListingCure:
    'Check in the EZVIZ app or console that the devices belong to the account of these keys, and not to another one that only shares them; ' +
    'a sub-account has to be given the right to each device.',
  encryptedError: () => cameraError('60019', EZVIZ_ERRORS['60019']),
};
