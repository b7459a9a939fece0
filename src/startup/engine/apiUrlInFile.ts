import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const settings = z.object({ apiAddress: z.string().optional(), apiEncryption: z.unknown().optional() });
/** MediaMTX's default `apiAddress`. */
const USUAL = ':9997';

/**
 * The API's address in the operator's own `mediamtx.yml`; null: the file does not say, or cannot be read (the engine reports
 * why). `encryption`: the value of `MTX_APIENCRYPTION`, which overrides the file.
 */
export function apiUrlInFile(configPath: string, encryption: string | undefined): string | null {
  if (!existsSync(configPath)) return null;
  try {
    const read = settings.safeParse(parse(readFileSync(configPath, 'utf8'), { logLevel: 'silent' }));
    if (!read.success) return null;
    const { apiAddress, apiEncryption } = read.data;
    // MediaMTX also accepts the truth values of YAML 1.1.
    const isEncrypted = /^(?:yes|on|true|y)$/i.test(String(encryption ?? apiEncryption));
    if (apiAddress === undefined && !isEncrypted) return null;
    const address = apiAddress ?? USUAL;
    const url = `${isEncrypted ? 'https' : 'http'}://${address.startsWith(':') ? `127.0.0.1${address}` : address}`;
    return URL.canParse(url) ? url : null;
  } catch {
    return null;
  }
}
