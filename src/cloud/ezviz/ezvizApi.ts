import type { z } from 'zod';
import { hasSuffix } from '../../core/camera/hosts.js';
import type { StreamQuality } from '../../core/camera/lease.js';
import { CameraError } from '../../core/errors.js';
import type { CloudAccount } from '../calls/account.js';
import type { AccountCheck, CallPriority, CloudApi, ListedPage, OpenedStream, StreamAddress } from '../cloudApi.js';
import { PLATFORM_URLS } from '../ezvizPlatform/platformUrls.js';
import { CAMERA_IDENTITY, listedPage } from '../replies/listedPage.js';
import { readRecords } from '../replies/listingRecords.js';
import { openedStream } from '../replies/openedStream.js';
import { allPages, type FreshPage, type Identity, type ListingPage } from '../replies/paging.js';
import { jpegOf } from '../replies/picture.js';
import type { Fields } from '../replies/protocol.js';
import { CallVersions } from './callVersions.js';
import {
  cameraRecord,
  captureReply,
  deviceRecord,
  emptyReply,
  listReply,
  liveAddressReply,
  SERIAL_IN_RECORD,
} from './ezvizReplies.js';
import { EZVIZ_WORDS } from './ezvizWords.js';

/** The most records that the cloud puts on one page (https://open.ys7.com/help/673). */
const PAGE_SIZE = 50;
const RTMP = 3;
const LIVE = '1';
const QUALITY: Readonly<Record<StreamQuality, number>> = { main: 1, sub: 2 };
/** Codes by which the cloud says that the URL is gone already, so that closing the stream has succeeded. */
const ALREADY_CLOSED: readonly string[] = ['404', '60063'];

/** A device that is listed twice is online when one of its records says so. */
const DEVICE_IDENTITY: Identity<z.infer<typeof deviceRecord>> = {
  keyOf: ({ deviceSerial }) => deviceSerial,
  isBetter: (later, former) => later.status === true && former.status !== true,
};

/** The EZVIZ Open Platform, Chinese and international. */
export class EzvizApi implements CloudApi {
  readonly vendor = 'ezviz';
  readonly account: string;
  readonly words = EZVIZ_WORDS;
  readonly #account: CloudAccount;
  readonly #extraHosts: readonly string[];
  readonly #opening = new CallVersions('/api/lapp/v2/live/address/get', '/api/lapp/live/address/get');
  readonly #closing = new CallVersions('/api/lapp/v2/live/address/disable', '/api/lapp/live/address/disable');

  constructor(account: CloudAccount, extraHosts: readonly string[]) {
    this.account = account.name;
    this.#account = account;
    this.#extraHosts = extraHosts;
  }

  check(signal?: AbortSignal): Promise<AccountCheck> {
    return this.#account.check(signal);
  }

  async *listCameras(signal?: AbortSignal): AsyncGenerator<ListedPage> {
    // Only the list of devices still says whether a camera is online; the status in the list of cameras is out of use
    // (https://open.ys7.com/help/674).
    const online = new Map<string, boolean | null>();
    let isTold = true;
    try {
      for await (const { items, odd } of this.#list('/api/lapp/device/list', deviceRecord, DEVICE_IDENTITY, signal)) {
        for (const { deviceSerial, status } of items) online.set(deviceSerial, status);
        if (odd.length > 0) yield { cameras: [], odd: odd.map((one) => ({ ...one, listing: 'devices' })) };
      }
    } catch (thrown) {
      if (!isCallRefused(thrown)) throw thrown;
      // Without the list of devices, camlease asks for leases of all cameras, and the cloud's reply for each says if it is offline.
      isTold = false;
    }
    const record = cameraRecord.transform(({ deviceSerial, channelNo, channelName, status, isEncrypt }) => ({
      deviceSerial,
      channel: channelNo,
      resourceId: '',
      name: channelName,
      online: !isTold ? null : online.has(deviceSerial) ? (online.get(deviceSerial) ?? null) : status,
      ...(isEncrypt !== null && { encrypted: isEncrypt }),
    }));
    for await (const page of this.#list('/api/lapp/camera/list', record, CAMERA_IDENTITY, signal))
      yield listedPage(page);
  }

  async openStream(
    camera: StreamAddress,
    wanted: { readonly quality: StreamQuality; readonly lifetimeSeconds: number },
    signal?: AbortSignal,
  ): Promise<OpenedStream> {
    const fields = {
      deviceSerial: camera.deviceSerial,
      channelNo: camera.channel,
      protocol: RTMP,
      quality: QUALITY[wanted.quality],
      expireTime: wanted.lifetimeSeconds,
      type: LIVE,
    };
    const isAbroad = await this.#isAbroad(signal);
    const askedAt = this.#account.now();
    const { data } = await this.#opening.ask(isAbroad, (path) =>
      this.#call(path, fields, liveAddressReply, 'renew', signal),
    );
    const { lifetimeSeconds } = wanted;
    return openedStream(data, PLATFORM_URLS, this.#extraHosts, {
      camera,
      askedAt,
      lifetimeSeconds,
      inChina: !isAbroad,
    });
  }

  async capture(camera: StreamAddress, signal?: AbortSignal): Promise<Buffer> {
    // The cloud takes the serial in capitals only (https://open.ys7.com/help/687).
    const fields = { deviceSerial: camera.deviceSerial.toUpperCase(), channelNo: camera.channel };
    const { data } = await this.#call('/api/lapp/device/capture', fields, captureReply, 'capture', signal);
    return jpegOf(await this.#account.download(data.picUrl, signal));
  }

  async closeStream(camera: StreamAddress, urlId: string, signal?: AbortSignal): Promise<void> {
    const fields = { deviceSerial: camera.deviceSerial, channelNo: camera.channel, urlId };
    try {
      // No caller waits until the stream is closed, so the call has the lowest priority: renewals and listings go first.
      await this.#closing.ask(await this.#isAbroad(signal), (path) =>
        this.#call(path, fields, emptyReply, 'capture', signal),
      );
    } catch (thrown) {
      if (!(thrown instanceof CameraError && ALREADY_CLOSED.includes(thrown.code))) throw thrown;
    }
  }

  queued(): Readonly<Record<CallPriority, number>> {
    return this.#account.queued();
  }

  close(): void {
    this.#account.close();
  }

  /** True outside China, where the vendor's documents name only the older paths, with the fields of the newer calls. */
  async #isAbroad(signal?: AbortSignal): Promise<boolean> {
    return !hasSuffix(await this.#account.apiHostname(signal), ['ys7.com']);
  }

  #list<T>(
    path: string,
    record: z.ZodType<T>,
    identity: Identity<T>,
    signal?: AbortSignal,
  ): AsyncIterable<FreshPage<T>> {
    return allPages(PAGE_SIZE, identity, async (index): Promise<ListingPage<T>> => {
      // `pageStart` counts pages, not cameras.
      const fields = { pageStart: index, pageSize: PAGE_SIZE };
      const { data, page } = await this.#call(path, fields, listReply, 'discover', signal);
      const records = readRecords(data, record, SERIAL_IN_RECORD);
      return { ...records, total: page?.total ?? null, size: page?.size ?? null };
    });
  }

  #call<T>(
    path: string,
    fields: Fields,
    schema: z.ZodType<T>,
    priority: CallPriority,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#account.call({ path, fields, schema, priority }, signal);
  }
}

/** True when the account cannot make this call, now or later: it lacks a right, or the region does not have the call. */
function isCallRefused(thrown: unknown): boolean {
  if (!(thrown instanceof CameraError) || thrown.accountWide) return false;
  return thrown.failureClass === 'permanent' || thrown.code === 'CLOUD_CALL_UNKNOWN';
}
