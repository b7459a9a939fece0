import type { z } from 'zod';
import type { Camera, CameraSource, CameraStatus, CloudVendor } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import type { CameraChange } from '../../core/camera/cameraChange.js';
import type { HttpDeps } from '../route/deps.js';
import { aboutChange } from './aboutJson.js';
import type { changeCameraBody } from '../shapes/schemas.js';

type Deps = Pick<HttpDeps, 'accounts'>;

/** The change that the request means for this camera. Throws ACCOUNT_UNKNOWN. */
export function changeOf(deps: Deps, { source, status }: Camera, body: z.infer<typeof changeCameraBody>): CameraChange {
  return {
    ...(body.name !== undefined && { name: body.name }),
    ...(body.hikvisionResourceId !== undefined && vendorOf(source) && { resourceId: body.hikvisionResourceId }),
    ...(body.account !== undefined && { account: accountFor(deps, vendorOf(source), body.account) }),
    ...(body.mode !== undefined && { mode: body.mode }),
    ...(body.errorClipCheck !== undefined && { errorClipCheck: body.errorClipCheck }),
    ...(body.whenGone !== undefined && { whenGone: body.whenGone }),
    ...(body.quality !== undefined && { quality: body.quality }),
    ...(body.sound !== undefined && { sound: body.sound }),
    ...(body.labels !== undefined && { labels: body.labels }),
    ...(body.hikvisionEnabled !== undefined && { enabled: body.hikvisionEnabled }),
    ...aboutChange(body),
    ...statusChange(status, body),
  };
}

/** A document may say `disabled` by its status alone; enabling the camera ends that too. */
function statusChange(
  status: CameraStatus,
  { hikvisionEnabled, status: wanted }: Pick<z.infer<typeof changeCameraBody>, 'hikvisionEnabled' | 'status'>,
): { readonly status?: CameraStatus } {
  if (status === 'disabled') return hikvisionEnabled === true || wanted === 'active' ? { status: 'active' } : {};
  const isTurnedOff = status === 'active' && (wanted === 'inactive' || wanted === 'disabled');
  return isTurnedOff ? { status: 'disabled' } : {};
}

/** The vendor of a cloud camera. Throws REQUEST_INVALID for any other, which has neither account nor resource id. */
function vendorOf(source: CameraSource): CloudVendor {
  if (source.kind === 'cloud') return source.vendor;
  throw new AppError('REQUEST_INVALID', 'This camera has an address of its own, so it belongs to no account.', {
    cure: 'Leave "account" and "hikvisionResourceId" out.',
  });
}

/**
 * The account that a new camera of this vendor belongs to; the vendor's only account when none is named. Throws ACCOUNT_UNKNOWN.
 */
export function accountFor({ accounts }: Deps, vendor: CloudVendor, name: string | undefined): string {
  const ofVendor = accounts.list().filter((account) => account.vendor === vendor);
  const [only, second] = ofVendor;
  if (name === undefined && only !== undefined && second === undefined) return only.name;
  if (ofVendor.some((account) => account.name === name)) return name ?? '';
  const names = ofVendor.map((account) => account.name).join(', ');
  const message =
    name === undefined
      ? `It is not clear which ${vendor} account this camera belongs to.`
      : `There is no ${vendor} account with this name.`;
  const cure = names === '' ? `Configure a ${vendor} account first.` : `Name one of these in "account": ${names}.`;
  throw new AppError('ACCOUNT_UNKNOWN', message, { cure });
}
