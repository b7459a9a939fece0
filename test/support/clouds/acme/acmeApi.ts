import { z } from 'zod';
import type { CloudAccount } from '../../../../src/cloud/calls/account.js';
import type { CloudApi, ListedPage, OpenedStream, StreamAddress } from '../../../../src/cloud/cloudApi.js';
import { ownError } from '../../../../src/cloud/replies/errorTable.js';
import { CAMERA_IDENTITY, listedPage } from '../../../../src/cloud/replies/listedPage.js';
import { readRecords } from '../../../../src/cloud/replies/listingRecords.js';
import { openedStream } from '../../../../src/cloud/replies/openedStream.js';
import { allPages } from '../../../../src/cloud/replies/paging.js';
import { jpegOf } from '../../../../src/cloud/replies/picture.js';
import { unreadable } from '../../../../src/cloud/replies/protocol.js';
import { channelNumber, looseFlag, nameText, serialText } from '../../../../src/cloud/replies/replyFields.js';
import type { StreamQuality } from '../../../../src/core/camera/lease.js';
import { ACME_WORDS } from './acmeErrors.js';
import { ACME_URLS } from './acmeUrls.js';

const PAGE_SIZE = 100;

const record = z
  .object({ serial: serialText, input: channelNumber, title: nameText, live: looseFlag, sealed: looseFlag })
  .transform(({ serial, input, title, live, sealed }) => ({
    ...{ deviceSerial: serial, channel: input, resourceId: '', name: title, online: live, encrypted: sealed },
  }));
const listReply = z.object({ payload: z.object({ total: z.number(), cameras: z.array(z.unknown()) }) });
const openReply = z.object({ payload: z.object({ ref: z.string(), href: z.string(), until: z.number() }) });
const stillReply = z.object({ payload: z.object({ sealed: z.boolean(), href: z.string().optional() }) });

export class AcmeApi implements CloudApi {
  readonly vendor = 'acme';
  readonly words = ACME_WORDS;
  readonly account: string;
  readonly #account: CloudAccount;
  readonly #extraHosts: readonly string[];

  constructor(account: CloudAccount, extraHosts: readonly string[]) {
    this.account = account.name;
    this.#account = account;
    this.#extraHosts = extraHosts;
  }

  check(signal?: AbortSignal): ReturnType<CloudApi['check']> {
    return this.#account.check(signal);
  }

  async *listCameras(signal?: AbortSignal): AsyncGenerator<ListedPage> {
    const pages = allPages(PAGE_SIZE, CAMERA_IDENTITY, async (index) => {
      const fields = { page: index + 1, size: PAGE_SIZE };
      const call = { path: '/v1/cameras', fields, schema: listReply, priority: 'discover' } as const;
      const { total, cameras } = (await this.#account.call(call, signal)).payload;
      return { ...readRecords(cameras, record, ['serial']), total, size: null };
    });
    for await (const page of pages) yield listedPage(page);
  }

  async openStream(
    camera: StreamAddress,
    { quality, lifetimeSeconds }: { readonly quality: StreamQuality; readonly lifetimeSeconds: number },
    signal?: AbortSignal,
  ): Promise<OpenedStream> {
    const askedAt = this.#account.now();
    const fields = { ...placeOf(camera), grade: quality === 'main' ? 'high' : 'low', seconds: lifetimeSeconds };
    const call = { path: '/v1/streams/open', fields, schema: openReply, priority: 'renew' } as const;
    const { ref, href, until } = (await this.#account.call(call, signal)).payload;
    const asked = { camera, askedAt, lifetimeSeconds, inChina: false };
    return openedStream({ id: ref, url: href, expireTime: until }, ACME_URLS, this.#extraHosts, asked);
  }

  async closeStream(_camera: StreamAddress, urlId: string, signal?: AbortSignal): Promise<void> {
    const call = {
      path: '/v1/streams/close',
      fields: { ref: urlId },
      schema: z.object({}),
      priority: 'capture',
    } as const;
    await this.#account.call(call, signal);
  }

  async capture(camera: StreamAddress, signal?: AbortSignal): Promise<Buffer> {
    const fields = placeOf(camera);
    const call = { path: '/v1/stills/take', fields, schema: stillReply, priority: 'capture' } as const;
    const { sealed, href } = (await this.#account.call(call, signal)).payload;
    if (sealed) throw ownError('CLOUD_PICTURE_ENCRYPTED');
    if (href === undefined) throw unreadable('payload.href');
    return jpegOf(await this.#account.download(href, signal));
  }

  queued(): ReturnType<CloudApi['queued']> {
    return this.#account.queued();
  }

  close(): void {
    this.#account.close();
  }
}

function placeOf({ deviceSerial, channel }: StreamAddress): { readonly serial: string; readonly input: number } {
  return { serial: deviceSerial, input: channel };
}
