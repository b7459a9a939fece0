import type { Vendor } from '../calls/vendor.js';
import { EZVIZ_ERRORS } from '../ezvizPlatform/ezvizErrors.js';
import { PLATFORM_URLS } from '../ezvizPlatform/platformUrls.js';
import { EzvizApi } from './ezvizApi.js';
import { EZVIZ_PROTOCOL } from './ezvizProtocol.js';
import { EZVIZ_WORDS } from './ezvizWords.js';

export const EZVIZ: Vendor = {
  name: 'ezviz',
  title: 'EZVIZ',
  otherNames: ['ezvizlife', 'ys7'],
  apiHosts: ['ezvizlife.com', 'ys7.com', 'ezvizru.com'],
  liveUrls: PLATFORM_URLS,
  accounts: {
    name: 'ezviz',
    prefix: 'EZVIZ',
    key: { variable: 'APP_KEY', field: 'appKey' },
    secret: { variable: 'SECRET', field: 'secret' },
  },
  protocol: EZVIZ_PROTOCOL,
  errors: EZVIZ_ERRORS,
  otherCodes: 'An unknown code is tried again.',
  words: EZVIZ_WORDS,
  client: (account, extraHosts) => new EzvizApi(account, extraHosts),
};
