import type { Vendor } from '../calls/vendor.js';
import { EZVIZ } from '../ezviz/ezvizVendor.js';
import { HIK_CONNECT } from '../hikConnect/hikConnectVendor.js';

/** Every vendor that camlease knows, one line each. The first one stands first in lists for people. */
export const VENDORS: readonly Vendor[] = [
  HIK_CONNECT, //
  EZVIZ,
];
