import { z } from 'zod';
import type { CloudVendor } from '../../core/camera/camera.js';
import type { Vendors } from '../../core/camera/vendors.js';

/** Throws ZodError, which answers 400, for a vendor that this camlease does not know. The schemas take any word. */
export function needKnownVendor({ names }: Vendors, vendor: CloudVendor): void {
  if (names.includes(vendor)) return;
  const message = `Invalid option: expected one of ${names.map((name) => `"${name}"`).join('|')}`;
  throw new z.ZodError([{ code: 'invalid_value', values: [...names], path: ['vendor'], message, input: vendor }]);
}
