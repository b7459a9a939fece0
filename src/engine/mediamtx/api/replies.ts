import { z } from 'zod';

import { OVERRIDE_FIELDS, type OverrideField } from '../paths/pathOverrides.js';

/** MediaMTX v1.20's answers; fields that camlease does not use are dropped. */

const fieldValue = z.union([z.string(), z.number(), z.boolean()]).optional();

const page = <T extends z.ZodType>(item: T) => z.object({ pageCount: z.number(), items: z.array(item) });

export const infoReply = z.object({ version: z.string(), started: z.string() });

export const pathConfigReply = z.object({
  name: z.string(),
  source: z.string(),
  sourceOnDemand: z.boolean(),
  sourceOnDemandStartTimeout: z.string(),
  sourceOnDemandCloseAfter: z.string(),
  rtspTransport: z.string().optional(),
  forward: z.array(z.object({ dest: z.string() })).nullish(),
  overridePublisher: z.boolean().optional(),
  alwaysAvailable: z.boolean().optional(),
  alwaysAvailableFile: z.string().optional(),
  alwaysAvailableTracks: z
    .array(
      z.object({
        codec: z.string(),
        sampleRate: z.number().default(0),
        channelCount: z.number().default(0),
        muLaw: z.boolean().default(false),
      }),
    )
    .nullish(),
  ...overrideFields(),
});
/** `pathDefaults`: every field of a path; fields with older names only when they are set. */
export const pathDefaultsReply = z.record(z.string(), z.unknown());

export const pathConfigPage = page(pathConfigReply);

export const globalConfigReply = z.object({
  rtsp: z.boolean(),
  rtspAddress: z.string(),
  rtspEncryption: z.string(),
  hls: z.boolean().default(false),
  hlsAddress: z.string().default(''),
  hlsEncryption: z.boolean().default(false),
  hlsVariant: z.string().optional(),
  webrtc: z.boolean().optional(),
  webrtcEncryption: z.boolean().optional(),
  webrtcAddress: z.string().default(''),
  rtspAuthMethods: z
    .array(z.string())
    .nullish()
    .transform((methods) => methods ?? []),
  authMethod: z.string().default('internal'),
  /** MediaMTX leaves out the passwords. */
  authInternalUsers: z
    .array(
      z.object({
        user: z.string(),
        ips: z
          .array(z.string())
          .nullish()
          .transform((ips) => ips ?? []),
        permissions: z
          .array(z.object({ action: z.string(), path: z.string().default('') }))
          .nullish()
          .transform((permissions) => permissions ?? []),
      }),
    )
    .nullish()
    .transform((users) => users ?? []),
});

export const trackReply = z.object({
  codec: z.string(),
  codecProps: z
    .object({
      width: z.number().optional(),
      height: z.number().optional(),
      sampleRate: z.number().optional(),
      channelCount: z.number().optional(),
      muLaw: z.boolean().optional(),
    })
    .nullish(),
});

export const pathReply = z.object({
  name: z.string(),
  available: z.boolean(),
  online: z.boolean(),
  /** The path's source, also while it is idle; null: the path has none yet. */
  source: z.object({ type: z.string() }).nullable().default(null),
  inboundBytes: z.number(),
  tracks2: z.array(trackReply),
  readers: z.array(z.object({ type: z.string() })),
});
export const pathPage = page(pathReply);

/** A session of any protocol; HLS sessions have no state, they only read. */
export const sessionReply = z.object({
  path: z.string(),
  /** The name that the client sent; MediaMTX checked it only where a password was required. */
  user: z.string().default(''),
  state: z.string().default('read'),
});
export const sessionPage = page(sessionReply);

export const errorReply = z.object({ error: z.string() });

export type Info = z.infer<typeof infoReply>;
export type GlobalConfigReply = z.infer<typeof globalConfigReply>;
export type PathConfigReply = z.infer<typeof pathConfigReply>;
export type PathReply = z.infer<typeof pathReply>;
export type SessionReply = z.infer<typeof sessionReply>;

function overrideFields(): Record<OverrideField, typeof fieldValue> {
  return Object.fromEntries(OVERRIDE_FIELDS.map((field) => [field, fieldValue])) as Record<
    OverrideField,
    typeof fieldValue
  >;
}
