import { VENDORS } from '../../../src/cloud/vendors/registry.js';
import { Vendors } from '../../../src/core/camera/vendors.js';

/** The vendors of the registry, with these hosts of `CLOUD_EXTRA_HOSTS`. */
export function vendorsWith(...extraHosts: readonly string[]): Vendors {
  return new Vendors(VENDORS, extraHosts);
}
