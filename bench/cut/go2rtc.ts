import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freeTcpPort } from '../../simulator/demo/freePorts.js';
import { onPath } from '../players/ffmpegPlayer.js';
import type { Addresses } from '../players/openPlayers.js';

export const go2rtcPath = onPath('go2rtc');

const STREAM = 'alone';
const START_MS = 10_000;

/** A running go2rtc with one stream, on free ports of 127.0.0.1. */
export interface Go2rtc {
  readonly addresses: Addresses;
  stop(): Promise<void>;
}

/** Starts go2rtc; settings and routes are from its README (1.9). Rejects when it does not answer within 10 s. */
export async function startGo2rtc(source: string): Promise<Go2rtc> {
  const [api, rtsp, webrtc] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort()];
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-go2rtc-'));
  const file = path.join(folder, 'go2rtc.yaml');
  const lines = [
    `api: {listen: "127.0.0.1:${api}"}`,
    `rtsp: {listen: "127.0.0.1:${rtsp}"}`,
    `webrtc: {listen: "127.0.0.1:${webrtc}", candidates: ["127.0.0.1:${webrtc}"]}`,
    `streams: {${STREAM}: ["${source}"]}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const child = spawn(go2rtcPath ?? 'go2rtc', ['-config', file], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${api}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (const endMs = Date.now() + START_MS; ;) {
    const answers = await fetch(`${url}/api`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) break;
    if (Date.now() > endMs) {
      await stop();
      throw new Error('go2rtc did not answer within 10 s.');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    addresses: {
      page: null,
      hlsPage: `${url}/stream.html?src=${STREAM}&mode=hls`,
      webrtcPage: `${url}/stream.html?src=${STREAM}&mode=webrtc`,
      hlsList: `${url}/api/stream.m3u8?src=${STREAM}`,
      rtsp: `rtsp://127.0.0.1:${rtsp}/${STREAM}`,
    },
    stop,
  };
}
