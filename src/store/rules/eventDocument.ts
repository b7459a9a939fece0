import { LEASE_STEPS } from '../../core/handover/leaseEvents.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { EventDocument } from '../driver.js';

/** Leaves out events whose step only another version of camlease knows. */
export function decodeEvents(documents: readonly EventDocument[]): LeaseEvent[] {
  return documents.flatMap((document) => {
    const step = LEASE_STEPS.find((known) => known === document.step);
    return step ? [{ ...document, step }] : [];
  });
}
