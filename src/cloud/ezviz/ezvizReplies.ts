import { z } from 'zod';
import { epoch, looseInteger, looseText, onlineFlag } from '../replyFields.js';

const page = z.object({ total: looseInteger.nullish(), size: looseInteger.nullish() }).nullish();

/** A null list has been seen where there is nothing to list. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/** Replies of `/api/lapp`, as far as we read them (facts: cloud-apis 2.2). */
export const devicesReply = z.object({
  page,
  data: listOf(z.object({ deviceSerial: z.string().min(1), status: onlineFlag })),
});

export const camerasReply = z.object({
  page,
  data: listOf(
    z.object({
      deviceSerial: z.string().min(1),
      channelNo: looseInteger,
      channelName: z.string().nullish(),
      status: onlineFlag,
    }),
  ),
});

/** `2020-12-03 20:41:13`, without a zone: samples show UTC+8 (facts: cloud-apis 2.3). */
const beijingTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/)
  .transform((text) => new Date(`${text.replace(' ', 'T')}+08:00`))
  .refine((date) => !Number.isNaN(date.getTime()));

export const liveAddressReply = z.object({
  data: z
    .object({
      id: looseText.nullish(),
      url: z.string().min(1).optional(),
      expireTime: z.union([epoch, beijingTime]).nullish().catch(null),
    })
    .transform(({ id, url, expireTime }) => ({ id: id ?? null, url, expiresAt: expireTime ?? null })),
});

export const captureReply = z.object({ data: z.object({ picUrl: z.string().min(1) }) });

/** A call that answers nothing but its success. */
export const emptyReply = z.object({});
