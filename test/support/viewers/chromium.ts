import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { chromium, type Browser } from 'playwright-core';

/** A Chromium of this machine; null: none on PATH. */
const chromiumPath: string | null =
  ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, name)))
    .find((file) => existsSync(file)) ?? null;

/** False when there is no Chromium; a printed line then says which tests are skipped. */
export function chromiumFor(what: string): boolean {
  if (chromiumPath === null) process.stderr.write(`Skipped: ${what} (no Chromium on PATH).\n`);
  return chromiumPath !== null;
}

/** Starts Chromium headless, without sound, name service or graphics card; pages may play without a click. */
export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('there is no Chromium on PATH');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--mute-audio',
      '--autoplay-policy=no-user-gesture-required',
      // WebRTC between two processes of one machine, without a name service.
      '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  });
}
