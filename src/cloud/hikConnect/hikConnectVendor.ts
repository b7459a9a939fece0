import type { Vendor } from '../calls/vendor.js';
import { PLATFORM_URLS } from '../ezvizPlatform/platformUrls.js';
import { HikConnectApi } from './hikConnectApi.js';
import { HIK_ERRORS } from './hikErrors.js';
import { HIK_PROTOCOL } from './hikProtocol.js';
import { HIK_WORDS } from './hikWords.js';

export const HIK_CONNECT: Vendor = {
  name: 'hikconnect',
  title: 'Hik-Connect for Teams',
  otherNames: ['hikvision', 'hik', 'hikconnectforteams', 'hikcentral', 'hikcentralconnect', 'hct'],
  apiHosts: ['hikcentralconnect.com', 'hikcentralconnectru.com'],
  liveUrls: PLATFORM_URLS,
  accounts: {
    name: 'hikvision',
    prefix: 'HIKVISION',
    key: { variable: 'APP_KEY', field: 'appKey' },
    secret: { variable: 'SECRET', field: 'secret' },
  },
  protocol: HIK_PROTOCOL,
  errors: HIK_ERRORS,
  otherCodes: `A code that begins with \`EVZ\` and is not in this table means the same as its number in the EZVIZ table. An unknown code is
tried again; one whose name speaks of a token counts as a dead login.`,
  words: HIK_WORDS,
  client: (account, extraHosts) => new HikConnectApi(account, extraHosts),
};
