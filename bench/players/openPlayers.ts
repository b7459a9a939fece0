import path from 'node:path';
import type { Browser } from 'playwright-core';
import { BrowserPlayer } from './browserPlayer.js';
import { FfmpegPlayer } from './ffmpegPlayer.js';
import type { PlainPage } from './plainPage.js';
import type { Player, PlayerKind } from './player.js';

/** Where one camera can be watched. */
export interface Addresses {
  /** Our page: with `?camera=…`; null: camlease does not know this path. */
  readonly page: string | null;
  /** Of the path at MediaMTX, without a slash at the end. */
  readonly hls: string;
  readonly webrtc: string;
  readonly rtsp: string;
}

export interface PlayerRoom {
  readonly browser: Browser;
  readonly plainPage: PlainPage;
  /** Where recordings go; null: nobody records. */
  readonly recordings: string | null;
}

let opened = 0;

/** Opens one player; null where there is no such address. It may have no picture yet. */
export async function openPlayer(room: PlayerRoom, kind: PlayerKind, at: Addresses): Promise<Player | null> {
  const tag = `player=${++opened}`;
  const inBrowser = (url: string, named: string | null = tag): Promise<Player> =>
    BrowserPlayer.open(room.browser, kind, url, named);
  const file = room.recordings === null ? null : path.join(room.recordings, `${kind}-${opened}.mkv`);
  switch (kind) {
    case 'page-webrtc':
    case 'page-hls':
      return at.page === null ? null : inBrowser(`${at.page}&play=${kind === 'page-hls' ? 'hls' : 'webrtc'}`, null);
    case 'mediamtx-webrtc':
      return inBrowser(`${at.webrtc}/?${tag}`);
    case 'mediamtx-hls':
      return inBrowser(`${at.hls}/?${tag}`);
    case 'plain-hls':
      return inBrowser(room.plainPage.addressOf(`${at.hls}/index.m3u8?${tag}`));
    case 'ffmpeg-rtsp':
      return new FfmpegPlayer(kind, `${at.rtsp}?${tag}`, tag, file);
    case 'ffmpeg-hls':
      return new FfmpegPlayer(kind, `${at.hls}/index.m3u8?${tag}`, tag, file);
  }
}

/** All of them at once; those without an address are left out. */
export async function openPlayers(
  room: PlayerRoom,
  kinds: readonly PlayerKind[],
  at: Addresses,
): Promise<readonly Player[]> {
  const players = await Promise.all(kinds.map((kind) => openPlayer(room, kind, at)));
  return players.filter((player) => player !== null);
}

export async function closeAll(players: readonly Player[]): Promise<void> {
  await Promise.all(players.map((player) => player.close()));
}
