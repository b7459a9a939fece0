import { z } from 'zod';
import { epoch, looseInteger, looseText, onlineFlag } from '../replyFields.js';

/** Replies of hccgw, as far as we read them (facts: cloud-apis 1.3). */
export const camerasReply = z.object({
  data: z.object({
    totalCount: looseInteger.nullish(),
    pageSize: looseInteger.nullish(),
    camera: z
      .array(
        z.object({
          id: z.string().min(1),
          name: z.string().nullish(),
          online: onlineFlag,
          device: z.object({
            devInfo: z.object({ serialNo: z.string().min(1) }),
            channelInfo: z.object({ no: looseInteger }),
          }),
        }),
      )
      // An empty page has been seen without the field.
      .nullish()
      .transform((cameras) => cameras ?? []),
  }),
});

export const liveAddressReply = z.object({
  data: z
    .object({
      id: looseText.nullish(),
      // The cloud says `url`; some of its documents say `playUrl`.
      url: z.string().min(1).optional(),
      playUrl: z.string().min(1).optional(),
      expireTime: epoch.nullish().catch(null),
    })
    .transform(({ id, url, playUrl, expireTime }) => ({
      id: id ?? null,
      url: url ?? playUrl,
      expiresAt: expireTime ?? null,
    })),
});

export const captureReply = z.object({
  data: z.object({
    captureUrl: z.string().min(1).nullish(),
    isEncrypted: looseInteger.nullish().catch(null),
  }),
});
