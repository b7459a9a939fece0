import type { Vendor } from '../../../../src/cloud/calls/vendor.js';
import { AcmeApi } from './acmeApi.js';
import { ACME_ERRORS, ACME_WORDS } from './acmeErrors.js';
import { ACME_PROTOCOL } from './acmeProtocol.js';
import { ACME_URLS } from './acmeUrls.js';

/** A vendor that only tests have: each call is signed, and nothing of it is as at EZVIZ or Hik-Connect. */
export const ACME: Vendor = {
  name: 'acme',
  title: 'Acme',
  otherNames: ['acmecams'],
  apiHosts: ['acme.test'],
  liveUrls: ACME_URLS,
  accounts: {
    name: 'acme',
    prefix: 'ACME',
    key: { variable: 'ACCESS_ID', field: 'accessId' },
    secret: {
      variable: 'SIGNING_KEY',
      field: 'signingKey',
      mistake: (value) => (/^[0-9a-f]{32}$/.test(value) ? null : 'must be 32 hex digits, as the console shows them'),
    },
  },
  protocol: ACME_PROTOCOL,
  errors: ACME_ERRORS,
  otherCodes: 'An unknown code is tried again.',
  words: ACME_WORDS,
  client: (account, extraHosts) => new AcmeApi(account, extraHosts),
};
