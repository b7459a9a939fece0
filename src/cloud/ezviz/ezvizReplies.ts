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

/** A page of any listing of `/api/lapp`; its records are read one by one. A null list has been seen where there is nothing to list. */
export const listReply = z.object({
  page,
  data: z
    .array(z.unknown())
    .nullish()
    .transform((records) => records ?? []),
});

/** Records of the listings, as far as we read them (facts: cloud-apis 2.2). */
export const deviceRecord = z.object({ deviceSerial: serialText, status: onlineFlag });

export const cameraRecord = z.object({
  deviceSerial: serialText,
  channelNo: channelNumber,
  channelName: nameText,
  // 1 predicts 60019 (facts: cloud-apis 8).
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

/** A call that answers nothing but its success. */
export const emptyReply = z.object({});
