import { z } from 'zod';
import {
  channelNumber,
  looseFlag,
  looseInteger,
  looseText,
  nameText,
  onlineFlag,
  serialText,
} from '../replies/replyFields.js';

const page = z
  .object({ total: looseInteger.nullish().catch(null), size: looseInteger.nullish().catch(null) })
  .nullish()
  .catch(null);

/**
 * A page of any listing of `/api/lapp`; its records are read one by one. Some replies have a null list when there is nothing to
 * list.
 */
export const listReply = z.object({
  page,
  data: z
    .array(z.unknown())
    .nullish()
    .transform((records) => records ?? []),
});

/** Records of the listings, with the fields that camlease reads (https://open.ys7.com/help/673 and 674). */
export const deviceRecord = z.object({ deviceSerial: serialText, status: onlineFlag });

export const cameraRecord = z.object({
  deviceSerial: serialText,
  channelNo: channelNumber,
  channelName: nameText,
  // 1 predicts that the cloud refuses a live URL with 60019.
  isEncrypt: looseFlag,
  status: onlineFlag,
});

export const SERIAL_IN_RECORD = ['deviceSerial'] as const;

export const liveAddressReply = z.object({
  data: z
    .object({
      id: looseText.nullish().catch(null),
      url: z.string().min(1).optional(),
      expireTime: z.unknown().optional(),
    })
    .transform(({ id, url, expireTime }) => ({ id: id ?? null, url, expireTime })),
});

export const captureReply = z.object({ data: z.object({ picUrl: z.string().min(1) }) });

/** For calls that answer nothing but success. */
export const emptyReply = z.object({});
