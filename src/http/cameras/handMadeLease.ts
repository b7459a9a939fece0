import type { Camera } from '../../core/camera/camera.js';
import type { Lease } from '../../core/camera/lease.js';
import { MASK, maskedUrl } from '../../core/camera/maskedUrl.js';
import { plainStreamUrl } from '../../core/camera/streamUrl.js';
import { AppError } from '../../core/errors.js';
import { foundLease } from '../../core/renewal/foundLease.js';
import type { HttpDeps } from '../route/deps.js';

/**
 * The first lease of a camera, from a URL that a person gives. Throws SOURCE_HOST_REFUSED (files, metadata addresses and any
 * host that is not a vendor's) and REQUEST_INVALID. No message repeats the URL, because it is a secret.
 */
export function handMadeLease(deps: Pick<HttpDeps, 'random' | 'vendors'>, given: string, now: Date): Lease {
  const url = plainStreamUrl(given);
  if (!deps.vendors.isStreamUrlAllowed(url)) {
    throw new AppError('SOURCE_HOST_REFUSED', "rtmpPath is not an rtmp or rtmps address on a vendor's host.", {
      cure: 'Get the live URL from the vendor; your own host must be in CLOUD_EXTRA_HOSTS.',
    });
  }
  const parts = deps.vendors.parseStreamUrl(url);
  const expiresAt = parts?.expiresAt ?? null;
  if (expiresAt === null) throw invalid('rtmpPath does not say when it expires (expire=…).');
  if (expiresAt <= now) throw invalid('rtmpPath has expired.');
  return {
    ...foundLease(url, { urlId: parts?.urlId ?? null, quality: parts?.quality ?? null }, expiresAt, now, deps.random),
    revision: 1,
  };
}

/**
 * The lease that a change gives a cloud camera; null: none, since nothing is given or the masked URL came back unchanged. Throws
 * as `handMadeLease`.
 */
export function changedLease(
  deps: Pick<HttpDeps, 'random' | 'vendors'>,
  { source, lease }: Camera,
  given: string | undefined,
  now: Date,
): Lease | null {
  const stored = source.kind === 'url' ? source.url : (lease?.url ?? null);
  const isLeft = given === undefined || given === '' || given === MASK;
  if (isLeft || (stored !== null && (given === maskedUrl(stored) || given === stored))) return null;
  if (source.kind === 'url') {
    throw new AppError('REQUEST_INVALID', 'This camera has an address of its own, so it has no rtmpPath.', {
      cure: 'Change its "source" instead.',
    });
  }
  if (given.includes(MASK)) throw invalid('rtmpPath is masked, and is not the masked URL of this camera.');
  return handMadeLease(deps, given, now);
}

function invalid(message: string): AppError {
  return new AppError('REQUEST_INVALID', message, {
    cure: 'Get a new live URL from the vendor, or leave rtmpPath out.',
  });
}
