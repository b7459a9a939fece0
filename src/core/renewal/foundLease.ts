import type { Lease } from '../camera/lease.js';
import type { StreamUrlParts } from '../camera/streamUrl.js';
import type { Random } from '../clock.js';
import { chooseRenewAt } from './renewalMoment.js';

/** The life that camlease asks for. A found URL is renewed as if it lived no longer: an end ten years ahead is a mistake. */
const LONGEST_TRUSTED_MS = 7 * 24 * 3_600_000;

/** The lease for a URL that camlease did not ask for. It counts as obtained now, because the URL does not say when it was. */
export function foundLease(
  url: string,
  { urlId, quality }: Pick<StreamUrlParts, 'urlId' | 'quality'>,
  expiresAt: Date,
  now: Date,
  random: Random,
): Omit<Lease, 'revision'> {
  const trustedUntil = new Date(Math.min(expiresAt.getTime(), now.getTime() + LONGEST_TRUSTED_MS));
  return {
    url,
    urlId,
    quality: quality ?? 'main',
    obtainedAt: now,
    expiresAt,
    renewAt: chooseRenewAt({ obtainedAt: now, expiresAt: trustedUntil }, null, random),
    proof: 'pending',
    provenAt: null,
    tracks: null,
  };
}
