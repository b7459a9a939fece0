import { PLAYERS, type Player, type Transport } from '../players/player.js';
import { json } from './json.js';

export interface ListedSession {
  readonly id: string;
  readonly path: string;
  /** The query of the address that the reader asked for. */
  readonly query: string;
  readonly transport: Transport;
}

const LISTS = { hls: 'hlssessions', webrtc: 'webrtcsessions', rtsp: 'rtspsessions' } as const;

/** The sessions that read the path, as MediaMTX's API lists them. `api`: `http://127.0.0.1:…/v3`. */
export async function sessionsOf(api: string, path: string): Promise<readonly ListedSession[]> {
  const lists = await Promise.all(
    Object.entries(LISTS).map(async ([transport, list]) => {
      const { items } = await json<{ items: ListedItem[] }>(`${api}/${list}/list?itemsPerPage=1000`);
      return items.map((item) => ({ ...item, transport: transport as Transport })); // a key of the constant
    }),
  );
  return lists.flat().filter((session) => session.path === path && session.state !== 'publish');
}

type ListedItem = Omit<ListedSession, 'transport'> & { readonly state?: string };

/**
 * Whether a player was dropped between two lists of sessions: a player that comes back has a new session. The sessions of camlease's page
 * have no tag, so those without a tag and of its transport count as its own. Sessions of players that left earlier may still be listed at
 * first and disappear; they are ignored.
 */
export function wasDropped(
  before: readonly ListedSession[],
  after: readonly ListedSession[],
  { kind, tag }: Pick<Player, 'kind' | 'tag'>,
): boolean {
  const { transport } = PLAYERS[kind];
  const isOurs = (session: ListedSession): boolean =>
    session.transport === transport && (tag === null ? !session.query.startsWith('player=') : session.query === tag);
  const old = new Set(before.filter(isOurs).map(({ id }) => id));
  const now = after.filter(isOurs);
  return !now.every(({ id }) => old.has(id)) || !now.some(({ id }) => old.has(id));
}
