import { ACME } from './acme/acmeVendor.js';
import { VENDORS } from '../../../src/cloud/vendors/registry.js';
import type { Vendor } from '../../../src/cloud/calls/vendor.js';
import { Vendors } from '../../../src/core/camera/vendors.js';

/** The registry, and the vendor that only tests have. */
export const TEST_VENDORS: readonly Vendor[] = [
  ...VENDORS, //
  ACME,
];

/** The vendors of the registry, with these hosts of `CLOUD_EXTRA_HOSTS`. */
export function vendorsWith(...extraHosts: readonly string[]): Vendors {
  return new Vendors(VENDORS, extraHosts);
}

/** The same with the vendor that only tests have. */
export function testVendorsWith(...extraHosts: readonly string[]): Vendors {
  return new Vendors(TEST_VENDORS, extraHosts);
}
