import { z } from 'zod';
import type { CloudVendor } from '../core/camera/camera.js';
import type { CredentialForm, VendorFacts } from '../core/camera/vendors.js';

/** An account of `camlease.yml`, with its credentials under the names that all vendors share. */
export interface FileAccount {
  readonly name: string;
  readonly vendor: CloudVendor;
  readonly appKey: string;
  readonly secret: string;
  readonly baseUrl: string | string[];
  readonly streamBudget: number;
  readonly streamCap: number | null;
}

const accountName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits and dashes');

/** YAML reads 12345 and 1e10 as numbers. */
const keyText = 'must be given, as text: in quotes if it looks like a number';

const LONGEST_CREDENTIAL = 64;

const streamBudget = 'must be a whole number from 1 to 1000';
const streamCap = 'must be a whole number from 1 to 100000';

/** What is wrong with a credential, as the end of the sentence "NAME …"; null: nothing. Never repeats the value. */
export function mistakeIn({ mistake }: CredentialForm, value: string): string | null {
  return mistake?.(value) ?? null;
}

/**
 * An account of any of the vendors: the entry's `vendor` decides what its two credentials are called. An entry of no known
 * vendor is read as one of the first.
 */
export function fileAccount(vendors: readonly VendorFacts[]): z.ZodType<FileAccount> {
  const names = vendors.map(({ name }) => name);
  const byVendor = new Map(vendors.map((vendor) => [vendor.name, accountOf(vendor, names)]));
  const [first = z.never()] = byVendor.values();
  return z.unknown().transform((entry, context) => {
    const named = typeof entry === 'object' && entry !== null && 'vendor' in entry ? entry.vendor : null;
    const parsed = ((typeof named === 'string' && byVendor.get(named)) || first).safeParse(entry);
    if (parsed.success) return parsed.data;
    context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: entry }) as z.core.$ZodRawIssue));
    return z.NEVER;
  });
}

function accountOf({ accounts: { key, secret } }: VendorFacts, names: readonly string[]): z.ZodType<FileAccount> {
  return z
    .strictObject({
      name: accountName,
      vendor: z.enum(names, `must be ${names.join(' or ')}`),
      [key.field]: credential(key),
      [secret.field]: credential(secret),
      baseUrl: z.union([z.string(), z.array(z.string())], 'must be one address or a list of them').default([]),
      streamBudget: z.int(streamBudget).min(1, streamBudget).max(1000, streamBudget).default(3),
      streamCap: z.int(streamCap).min(1, streamCap).max(100_000, streamCap).nullable().default(null),
    })
    .transform(({ [key.field]: appKey, [secret.field]: secretText, ...rest }) => ({
      ...(rest as Omit<FileAccount, 'appKey' | 'secret'>),
      appKey: appKey as string,
      secret: secretText as string,
    }));
}

function credential(form: CredentialForm): z.ZodType<string> {
  return z
    .string(keyText)
    .min(1, 'must not be empty')
    .max(LONGEST_CREDENTIAL, `must be at most ${LONGEST_CREDENTIAL} characters`)
    .superRefine((value, context) => {
      const mistake = value === '' ? null : mistakeIn(form, value);
      if (mistake !== null) context.addIssue({ code: 'custom', message: mistake });
    });
}
