import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { findMediaMtxProgram } from '../../src/engine/mediamtx/server/mediaMtxProgram.js';
import { freeTcpPort, freeUdpPort } from './freePorts.js';

/** MediaMTX as the demo runs it: with the shipped template, on free ports. */
export interface DemoMediaMtx {
  readonly program: string;
  readonly apiUrl: string;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
}

/** The MediaMTX on PATH if it is new enough, else null; `say` gets a line when one is found and not used. */
export async function findUsableMediaMtx(searchPath: string, say: (line: string) => void): Promise<string | null> {
  const program = await findMediaMtxProgram(null, searchPath);
  if (program === null) return null;
  const version = await versionOf(program);
  const [major = 0, minor = 0, patch = 0] = (/v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number);
  if (major > 1 || (major === 1 && (minor > 20 || (minor === 20 && patch >= 1)))) return program;
  say(`The MediaMTX on PATH (${version || 'version unknown'}) is older than v1.20.1; the embedded engine is used.`);
  return null;
}

/** MediaMTX's default ports. `ANY_PORTS`: any free ones. */
export const KNOWN_PORTS = { api: 9997, hls: 8888, webrtc: 8889 };
export const ANY_PORTS: typeof KNOWN_PORTS = { api: 0, hls: 0, webrtc: 0 };

/**
 * Writes `mediamtx.yml` into the data folder, where camlease takes it over as it would an operator's file. Each `wanted` port that is in
 * use is replaced by a free one.
 */
export async function configureMediaMtx(
  program: string,
  template: string,
  dataDir: string,
  wanted: typeof KNOWN_PORTS,
): Promise<DemoMediaMtx> {
  const api = await freeTcpPort(wanted.api);
  const hls = await freeTcpPort(wanted.hls);
  const webrtc = await freeTcpPort(wanted.webrtc);
  const rtsp = await freeTcpPort();
  const document = parseDocument(readFileSync(template, 'utf8'));
  const settings = {
    apiAddress: `127.0.0.1:${api}`,
    hlsAddress: `127.0.0.1:${hls}`,
    webrtcAddress: `127.0.0.1:${webrtc}`,
    webrtcLocalUDPAddress: `127.0.0.1:${await freeUdpPort()}`,
    rtspAddress: `127.0.0.1:${rtsp}`,
  };
  for (const [name, value] of Object.entries(settings)) document.set(name, value);
  writeFileSync(path.join(dataDir, 'mediamtx.yml'), document.toString(), { mode: 0o600 });
  return {
    program,
    apiUrl: `http://127.0.0.1:${api}`,
    hlsBaseUrl: `http://127.0.0.1:${hls}`,
    webrtcBaseUrl: `http://127.0.0.1:${webrtc}`,
  };
}

function versionOf(program: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, ['--version'], { timeout: 5_000 }, (_error, stdout) => resolve(stdout.trim()));
  });
}
