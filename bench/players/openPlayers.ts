import path from 'node:path';
import type { Browser } from 'playwright-core';
import { BrowserPlayer } from './browserPlayer.js';
import { FfmpegPlayer } from './ffmpegPlayer.js';
import type { PlainPage } from './plainPage.js';
import { steady, type Player, type PlayerKind } from './player.js';

/** The addresses at which one camera can be watched. */
export interface Addresses {
  /** camlease's page, with `?camera=…`; null: camlease does not know this path. */
  readonly page: string | null;
  /** The media server's own pages. */
  readonly hlsPage: string;
  readonly webrtcPage: string;
  /** The playlist, for players that get its address. */
  readonly hlsList: string;
  readonly rtsp: string;
}

export interface PlayerRoom {
  readonly browser: Browser;
  readonly plainPage: PlainPage;
  /** The folder for recordings; null: nothing is recorded. */
  readonly recordings: string | null;
}

let opened = 0;

/** Opens one player, which may have no picture yet; null: the camera has no address for this kind. */
export async function openPlayer(room: PlayerRoom, kind: PlayerKind, at: Addresses): Promise<Player | null> {
  const tag = `player=${++opened}`;
  const tagged = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}${tag}`;
  const inBrowser = (url: string, named: string | null = tag): Promise<Player> =>
    BrowserPlayer.open(room.browser, kind, url, named);
  const inFfmpeg = (url: string): Player => {
    const file = room.recordings === null ? null : path.join(room.recordings, `${kind}-${tag.slice(7)}.mkv`);
    return new FfmpegPlayer(kind, tagged(url), tag, file);
  };
  switch (kind) {
    case 'page-webrtc':
    case 'page-hls':
      return at.page === null ? null : inBrowser(`${at.page}&play=${kind === 'page-hls' ? 'hls' : 'webrtc'}`, null);
    case 'mediamtx-webrtc':
      return inBrowser(tagged(at.webrtcPage));
    case 'mediamtx-hls':
      return inBrowser(tagged(at.hlsPage));
    case 'plain-hls':
      return inBrowser(room.plainPage.addressOf(tagged(at.hlsList)));
    case 'ffmpeg-rtsp':
      return inFfmpeg(at.rtsp);
    case 'ffmpeg-hls':
      return inFfmpeg(at.hlsList);
  }
}

/** Opens all kinds of players at once; kinds without an address are left out. */
export async function openPlayers(
  room: PlayerRoom,
  kinds: readonly PlayerKind[],
  at: Addresses,
): Promise<readonly Player[]> {
  const players = await Promise.all(kinds.map((kind) => openPlayer(room, kind, at)));
  return players.filter((player) => player !== null);
}

const ATTEMPTS = 3;

/**
 * Resolves with the same players once each has a steady picture. A player that gets none, or ends meanwhile, is replaced, three times at
 * most: on a busy machine a cold camera may take longer than a program waits.
 */
export async function allSteady(
  room: PlayerRoom,
  players: readonly Player[],
  at: Addresses,
  { steadyMs, limitMs }: { readonly steadyMs: number; readonly limitMs: number },
): Promise<readonly Player[]> {
  return Promise.all(
    players.map(async (player) => {
      let current = player;
      for (let attempt = 1; ; attempt++) {
        try {
          await steady(current, steadyMs, limitMs);
          return current;
        } catch (thrown) {
          if (attempt === ATTEMPTS) throw thrown;
          await current.close();
          current = (await openPlayer(room, player.kind, at)) ?? current;
        }
      }
    }),
  );
}

export async function closeAll(players: readonly Player[]): Promise<void> {
  await Promise.all(players.map((player) => player.close()));
}
