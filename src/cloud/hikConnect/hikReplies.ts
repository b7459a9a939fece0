import { z } from 'zod';
import {
  channelNumber,
  idText,
  looseFlag,
  looseInteger,
  looseText,
  nameText,
  onlineFlag,
  serialText,
} from '../replies/replyFields.js';

/** Replies of hccgw, with the fields that camlease reads (OpenAPI Developer Guide 2.15, chapter 5). Records are read one by one. */
export const camerasReply = z.object({
  data: z.object({
    totalCount: looseInteger.nullish().catch(null),
    pageSize: looseInteger.nullish().catch(null),
    camera: z
      .array(z.unknown())
      // Some empty pages come without the field.
      .nullish()
      .transform((cameras) => cameras ?? []),
  }),
});

/** The vendor's guide marks no field of a record as required. */
export const cameraRecord = z
  .object({
    id: idText,
    name: nameText,
    online: onlineFlag,
    device: z.object({
      devInfo: z.object({ serialNo: serialText }),
      channelInfo: z.object({ no: channelNumber }),
    }),
  })
  .transform(({ id, name, online, device }) => ({
    deviceSerial: device.devInfo.serialNo,
    channel: device.channelInfo.no,
    resourceId: id,
    name,
    online,
  }));

export const SERIAL_IN_CAMERA = ['device', 'devInfo', 'serialNo'] as const;

/** Details of a device; the flag is a number in the guide's table and a text in its sample. */
export const deviceReply = z.object({
  data: z.object({ device: z.object({ baseInfo: z.object({ streamEncryptEnable: looseFlag }) }) }),
});

export const liveAddressReply = z.object({
  data: z
    .object({
      id: looseText.nullish().catch(null),
      // The cloud sends `url`; some of its documents say `playUrl`.
      url: z.string().min(1).optional(),
      playUrl: z.string().min(1).optional(),
      expireTime: z.unknown().optional(),
    })
    .transform(({ id, url, playUrl, expireTime }) => ({
      id: id ?? null,
      url: url ?? playUrl,
      expireTime,
    })),
});

export const captureReply = z.object({
  data: z.object({
    captureUrl: z.string().min(1).nullish(),
    isEncrypted: looseInteger.nullish().catch(null),
  }),
});
