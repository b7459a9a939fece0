import type { Camera, CameraId, CameraStatus, CloudSource, CloudVendor } from '../camera/camera.js';
import { UNNAMED_VENDOR } from '../camera/camera.js';
import { accountOf, isCloudCamera, type CloudCamera } from '../camera/cameraSource.js';
import { cameraId } from '../camera/cameraId.js';
import { cleanName } from '../camera/cameraName.js';
import { comparedSerial, type LeftOutDocument } from '../camera/leftOut.js';
import type { DiscoveredCamera, DiscoveredChange, DiscoveryPlan } from './discovery.js';

/** One camera as a vendor's listing shows it. */
export interface Listed {
  readonly deviceSerial: string;
  readonly channel: number;
  readonly resourceId: string;
  readonly name: string;
  readonly online: boolean | null;
}

/** A camera that the operator deleted, so that discovery does not create it again. `account` null: of any account; `channel` null: any. */
export interface Tombstone {
  readonly account: string | null;
  readonly deviceSerial: string;
  readonly channel: number | null;
}

/** One account's listing, and the stored cameras that `planDiscovery` compares it with. */
export interface Listing {
  readonly account: string;
  readonly vendor: CloudVendor;
  /** Every stored camera, those of other accounts too. */
  readonly existing: readonly Camera[];
  readonly tombstones: readonly Tombstone[];
  /** Stored documents that are left out: no camera is created in their place. */
  readonly leftOut?: readonly LeftOutDocument[];
  readonly listed: readonly Listed[];
  /** False for a part of a listing: no camera is called missing then. */
  readonly complete: boolean;
  /**
   * Each camera's name in the previous listing. A camera that still has it takes the listing's new name; one that the
   * operator renamed does not.
   */
  readonly formerNames: ReadonlyMap<CameraId, string>;
}

/** Compares a listing with the stored cameras. Not for a failed listing, which says nothing. */
export function planDiscovery(listing: Listing): DiscoveryPlan {
  const devices = bySerial(listing);
  const create = new Map<CameraId, DiscoveredCamera>();
  const update: DiscoveredChange[] = [];
  const matched = new Set<CameraId>();
  let unchanged = 0;
  for (const listed of withoutDoubles(listing.listed)) {
    const sameDevice = devices.get(comparedSerial(listed.deviceSerial)) ?? [];
    const camera = findCamera(
      listing,
      listed,
      sameDevice.filter(({ id }) => !matched.has(id)),
    );
    if (camera === undefined) {
      if (!isDeleted(listing, listed) && !isLeftOut(listing, listed))
        create.set(idOf(listing, listed), discovered(listing, listed));
      continue;
    }
    matched.add(camera.id);
    const change = changeOf(listing, listed, camera);
    if (change === null) unchanged += 1;
    else update.push(change);
  }
  const missing = listing.complete ? missingOf(listing, matched) : [];
  return { account: listing.account, create: [...create.values()], update, missing, unchanged };
}

/**
 * One record for each camera: of a camera that is listed twice (in two areas, on two pages), the first that says online,
 * else the first.
 */
function withoutDoubles(listed: readonly Listed[]): Iterable<Listed> {
  const cameras = new Map<string, Listed>();
  for (const one of listed) {
    const key = `${comparedSerial(one.deviceSerial)}/${one.channel}`;
    const former = cameras.get(key);
    if (former === undefined || (one.online === true && former.online !== true)) cameras.set(key, one);
  }
  return cameras.values();
}

const idOf = (listing: Listing, listed: Listed): CameraId =>
  cameraId(listing.vendor, listed.deviceSerial, listed.channel);

/** The stored camera that a listed one is: this account's, else one without an account yet, else another account's. */
function findCamera(listing: Listing, listed: Listed, free: readonly CloudCamera[]): CloudCamera | undefined {
  const sameChannel = free.filter(({ source }) => source.channel === listed.channel);
  const channelUnknown = free.filter(({ source }) => source.channel === null);
  return (
    sameChannel.find(({ source }) => source.account === listing.account) ??
    sameChannel.find(({ source }) => source.account === null) ??
    channelUnknown.find(({ source }) => source.resourceId !== '' && source.resourceId === listed.resourceId) ??
    // A document without a channel is this camera only if the listing shows one channel of the device.
    (channelUnknown.length === 1 && channelsOf(listing, listed.deviceSerial) === 1 ? channelUnknown[0] : undefined) ??
    sameChannel[0]
  );
}

/** The vendor's stored cameras by serial, so that 2,000 listed cameras do not take 2,000 searches through the store. */
function bySerial({ existing, vendor }: Listing): Map<string, CloudCamera[]> {
  const devices = new Map<string, CloudCamera[]>();
  for (const camera of existing.filter(isCloudCamera)) {
    if (camera.source.vendor !== vendor && !isVendorAssumed(camera)) continue;
    const serial = comparedSerial(camera.source.deviceSerial);
    const cameras = devices.get(serial);
    if (cameras) cameras.push(camera);
    else devices.set(serial, [camera]);
  }
  return devices;
}

/** Hand-made documents seldom name a vendor, and are read with this one until a listing shows whose the device is. */
function isVendorAssumed({ source: { vendor, account } }: CloudCamera): boolean {
  return account === null && vendor === UNNAMED_VENDOR;
}

function channelsOf(listing: Listing, deviceSerial: string): number {
  const sameDevice = listing.listed.filter((listed) => listed.deviceSerial === deviceSerial);
  return new Set(sameDevice.map(({ channel }) => channel)).size;
}

function isDeleted(listing: Listing, listed: Listed): boolean {
  return listing.tombstones.some(
    (stone) =>
      comparedSerial(stone.deviceSerial) === comparedSerial(listed.deviceSerial) &&
      (stone.account === null || stone.account === listing.account) &&
      (stone.channel === null || stone.channel === listed.channel),
  );
}

/**
 * True when a left-out document may be this camera: same device and channel, or, if the document names no channel, same
 * resource id or the device's only channel.
 */
function isLeftOut(listing: Listing, { deviceSerial, channel, resourceId }: Listed): boolean {
  const serial = comparedSerial(deviceSerial);
  return (listing.leftOut ?? []).some((document) => {
    if (!document.deviceSerials.some((one) => comparedSerial(one) === serial)) return false;
    if (document.channel !== null) return document.channel === channel;
    return (resourceId !== '' && document.resourceId === resourceId) || channelsOf(listing, deviceSerial) === 1;
  });
}

function discovered(listing: Listing, listed: Listed): DiscoveredCamera {
  return {
    id: idOf(listing, listed),
    name: listed.name === '' ? listed.deviceSerial : listed.name,
    source: sourceOf(listing, listed),
    status: listed.online === false ? 'offline' : 'active',
  };
}

function sourceOf(listing: Listing, listed: Listed): CloudSource {
  const { deviceSerial, channel, resourceId } = listed;
  return { kind: 'cloud', vendor: listing.vendor, account: listing.account, deviceSerial, channel, resourceId };
}

function changeOf(listing: Listing, listed: Listed, camera: CloudCamera): DiscoveredChange | null {
  const { account } = camera.source;
  // A camera that is shared into two accounts stays with the first, until it is missing there.
  if (account !== null && account !== listing.account && camera.status !== 'missing') return null;
  const source = sourceOf(listing, listed);
  const status = statusOf(listed, camera);
  const name = nameOf(listing, listed, camera);
  const change = {
    id: camera.id,
    ...(name !== camera.name && { name }),
    ...(status !== camera.status && { status }),
    ...(!sameSource(source, camera.source) && { source }),
  };
  return Object.keys(change).length > 1 ? change : null;
}

function statusOf(listed: Listed, camera: CloudCamera): CameraStatus {
  if (camera.status === 'disabled') return 'disabled';
  if (listed.online === null) return camera.status === 'missing' ? 'active' : camera.status;
  return listed.online ? 'active' : 'offline';
}

function nameOf(listing: Listing, listed: Listed, camera: CloudCamera): string {
  const { deviceSerial } = camera.source;
  if (listed.name === '') return camera.name === '' ? deviceSerial : camera.name;
  const isDiscovered = camera.origin === 'discovered';
  const follows = isDiscovered && listing.formerNames.get(camera.id) === camera.name;
  // The name was stored before names were cleaned, or before the vendor had one.
  const isRaw = isDiscovered && (camera.name === deviceSerial || cleanName(camera.name) === listed.name);
  return follows || isRaw || camera.name === '' ? listed.name : camera.name;
}

function sameSource(a: CloudSource, b: CloudSource): boolean {
  return (
    a.account === b.account &&
    a.deviceSerial === b.deviceSerial &&
    a.channel === b.channel &&
    a.resourceId === b.resourceId
  );
}

function missingOf(listing: Listing, matched: ReadonlySet<CameraId>): CameraId[] {
  return listing.existing
    .filter((camera) => accountOf(camera) === listing.account && !matched.has(camera.id))
    .filter(({ status }) => status !== 'missing' && status !== 'disabled')
    .map(({ id }) => id);
}
