import type { StreamQuality } from '../../core/camera/lease.js';
import type { CloudAccount } from '../calls/account.js';
import type { AccountCheck, CallPriority, CloudApi, ListedPage, OpenedStream, StreamAddress } from '../cloudApi.js';
import { PLATFORM_URLS } from '../ezvizPlatform/platformUrls.js';
import { ownError } from '../replies/errorTable.js';
import { CAMERA_IDENTITY, listedPage } from '../replies/listedPage.js';
import { readRecords } from '../replies/listingRecords.js';
import { openedStream } from '../replies/openedStream.js';
import { allPages } from '../replies/paging.js';
import { jpegOf } from '../replies/picture.js';
import { unreadable } from '../replies/protocol.js';
import {
  camerasReply,
  cameraRecord,
  captureReply,
  deviceReply,
  liveAddressReply,
  SERIAL_IN_CAMERA,
} from './hikReplies.js';
import { HIK_WORDS } from './hikWords.js';

/** The most records of one page; for more the cloud answers OPEN000025. */
const PAGE_SIZE = 500;
const RTMP = 3;
const LIVE = '1';
const QUALITY: Readonly<Record<StreamQuality, number>> = { main: 1, sub: 2 };

/** Hik-Connect for Teams (hccgw). It has no call that gives a URL back, so there is no `closeStream`. */
export class HikConnectApi implements CloudApi {
  readonly vendor = 'hikconnect';
  readonly account: string;
  readonly words = HIK_WORDS;
  readonly #account: CloudAccount;
  readonly #extraHosts: readonly string[];

  constructor(account: CloudAccount, extraHosts: readonly string[]) {
    this.account = account.name;
    this.#account = account;
    this.#extraHosts = extraHosts;
  }

  check(signal?: AbortSignal): Promise<AccountCheck> {
    return this.#account.check(signal);
  }

  async *listCameras(signal?: AbortSignal): AsyncGenerator<ListedPage> {
    const pages = allPages(PAGE_SIZE, CAMERA_IDENTITY, async (index) => {
      const { data } = await this.#account.call(
        {
          path: '/api/hccgw/resource/v1/areas/cameras/get',
          fields: { pageIndex: index + 1, pageSize: PAGE_SIZE, filter: { areaID: '-1', includeSubArea: '1' } },
          schema: camerasReply,
          priority: 'discover',
        },
        signal,
      );
      const records = readRecords(data.camera, cameraRecord, SERIAL_IN_CAMERA);
      return { ...records, total: data.totalCount ?? null, size: data.pageSize ?? null };
    });
    for await (const page of pages) yield listedPage(page);
  }

  /** The listing of cameras does not say it; the details of a device do. */
  async isEncrypted(deviceSerial: string, signal?: AbortSignal): Promise<boolean | null> {
    const { data } = await this.#account.call(
      {
        path: '/api/hccgw/resource/v1/devicedetail/get',
        fields: { deviceSerialNo: deviceSerial },
        schema: deviceReply,
        priority: 'discover',
      },
      signal,
    );
    return data.device.baseInfo.streamEncryptEnable;
  }

  async openStream(
    camera: StreamAddress,
    wanted: { readonly quality: StreamQuality; readonly lifetimeSeconds: number },
    signal?: AbortSignal,
  ): Promise<OpenedStream> {
    // A camera that was added by hand with its serial alone: the cloud would only answer that some value is wrong.
    if (camera.resourceId === '') throw ownError('CLOUD_RESOURCE_UNKNOWN');
    const askedAt = this.#account.now();
    const { data } = await this.#account.call(
      {
        path: '/api/hccgw/video/v1/live/address/get',
        fields: {
          resourceId: camera.resourceId,
          deviceSerial: camera.deviceSerial,
          type: LIVE,
          protocol: RTMP,
          quality: QUALITY[wanted.quality],
          expireTime: wanted.lifetimeSeconds,
        },
        schema: liveAddressReply,
        priority: 'renew',
      },
      signal,
    );
    const { lifetimeSeconds } = wanted;
    return openedStream(data, PLATFORM_URLS, this.#extraHosts, { camera, askedAt, lifetimeSeconds, inChina: false });
  }

  async capture(camera: StreamAddress, signal?: AbortSignal): Promise<Buffer> {
    const { data } = await this.#account.call(
      {
        path: '/api/hccgw/resource/v1/device/capturePic',
        fields: { deviceSerial: camera.deviceSerial, channelNo: camera.channel },
        schema: captureReply,
        priority: 'capture',
      },
      signal,
    );
    if (data.isEncrypted === 1) throw ownError('CLOUD_PICTURE_ENCRYPTED');
    if (data.captureUrl === null || data.captureUrl === undefined) throw unreadable('data.captureUrl');
    return jpegOf(await this.#account.download(data.captureUrl, signal));
  }

  queued(): Readonly<Record<CallPriority, number>> {
    return this.#account.queued();
  }

  close(): void {
    this.#account.close();
  }
}
