import path from 'node:path';
import { z } from 'zod';
import { wrongNetworks } from '../../core/camera/sourceNetworks.js';

/**
 * The port on which MediaMTX reads from the relay. Chosen because it is not registered, is not used by common camera software, and lies below
 * the ports that systems give to outgoing connections.
 */
export const DEFAULT_RELAY_PORT = 28_740;
/** See docs/decisions/2026-11-30-relay-process.md. */
const DEFAULT_WORKERS = 2;
const MOST_WORKERS = 32;

/** One may take half a core. */
export const DEFAULT_TRANSCODES = 2;
const MOST_TRANSCODES = 100;

const wholeNumber = (least: number, most: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

/** The form of RELAY_SECRET, which is sent in an HTTP header. */
export const relaySecret = z
  .string()
  .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 letters, digits and signs of ASCII, without spaces');

/** The form of SOURCE_NETWORKS. */
export const sourceNetworksText = z
  .string()
  .refine(
    (text) => wrongNetworks(text).length === 0,
    'must be IP addresses or networks (10.1.0.0/16, fd00::/8) separated by commas, 200 at most',
  );

/** The form of TRANSCODES_MAX. */
export const transcodesMax = wholeNumber(0, MOST_TRANSCODES).default(DEFAULT_TRANSCODES);

const schema = z.object({
  DATA_DIR: z.string().default('./data'),
  RELAY_HOST: z.string().default('127.0.0.1'),
  RELAY_PORT: wholeNumber(0, 65_535).default(DEFAULT_RELAY_PORT),
  RELAY_CONTROL_PORT: wholeNumber(0, 65_535).optional(),
  RELAY_WORKERS: wholeNumber(1, MOST_WORKERS).default(DEFAULT_WORKERS),
  RELAY_SECRET: relaySecret.optional(),
  SOURCE_NETWORKS: sourceNetworksText.default(''),
  TRANSCODES_MAX: transcodesMax,
});

/** How the relay's process is to run. */
export interface RelaySettings {
  /** `DATA_DIR/relay`. */
  readonly folder: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly controlPort: number;
  readonly workers: number;
  /** null: the secret in the relay's file is used. */
  readonly secret: string | null;
  /** Networks that may be dialled beside the usual ones (see `sourceNetworks`). */
  readonly sourceNetworks: string;
  /** How many streams' pictures are transcoded at once. */
  readonly mostTranscodes: number;
}

export const RELAY_FOLDER = 'relay';

/** The settings from the environment, or a sentence for each wrong one. The sentences leave out values, which may be secrets. */
export function readRelaySettings(environment: Readonly<Record<string, string | undefined>>): RelaySettings | string[] {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
  const env = parsed.data;
  const nextPort = env.RELAY_PORT === 0 ? 0 : env.RELAY_PORT + 1;
  return {
    folder: path.resolve(env.DATA_DIR, RELAY_FOLDER),
    host: env.RELAY_HOST,
    port: env.RELAY_PORT,
    controlPort: env.RELAY_CONTROL_PORT ?? nextPort,
    workers: env.RELAY_WORKERS,
    secret: env.RELAY_SECRET ?? null,
    sourceNetworks: env.SOURCE_NETWORKS,
    mostTranscodes: env.TRANSCODES_MAX,
  };
}
