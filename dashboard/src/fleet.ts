import { getReady, listAccounts, listCameras, type Account, type CameraPage, type Ready } from './api';
import { createAddCamera } from './addCamera';
import { createImportCameras } from './importCameras';
import { createAlertsPanel } from './alerts';
import { element, setText } from './dom';
import { emptyState } from './emptyState';
import { createForecastPanel } from './forecast';
import { createPassBar } from './passes';
import { createOverall } from './status';
import { createTile, type Tile } from './tile';
import { count, STATES, summary } from './words';

const POLL_MS = 5_000;
/** Short: the last picture of a camera that is away looks live until its slate comes, 5 s later. */
const POLL_WHILE_PLAYING_MS = 2_000;
const POLL_WHEN_AWAY_MS = 10_000;
/** Tiles on the page at once; the pager leads to the other cameras, so ten thousand cameras cost no more than these. */
const PAGE_SIZE = 48;
const PLAY_ALL_LIMIT = 16;
const CONFIRM_FROM = 20;

const TROUBLE = 'dark,failing';
const FILTERS = [
  ['', 'All cameras'],
  ['healthy', 'On air'],
  ['idle', 'Ready'],
  [TROUBLE, 'In trouble'],
  ['unknown', 'Not seen yet'],
  ['disabled', 'Disabled'],
] as const;

/** The page with all cameras. */
export function showFleet(root: HTMLElement): void {
  const tiles = new Map<string, Tile>();
  const passBar = createPassBar(() => void refresh());
  const adding = createAddCamera(() => void refresh());
  const importing = createImportCameras((pass) => passBar.follow('import', pass));
  const forecast = createForecastPanel();
  let total = 0;
  let offset = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round = 0;
  let awaySince: Date | null = null;

  const summaryIcon = element('span', { class: 'icon', 'aria-hidden': 'true' });
  const summaryText = element('span', {}, 'Loading …');
  const summaryLine = element('p', { class: 'summary', role: 'status' }, summaryIcon, summaryText);
  const overall = createOverall();
  const trouble = element(
    'button',
    { type: 'button', class: 'small', hidden: true, click: showTrouble },
    'Show cameras in trouble',
  );
  const find = element(
    'button',
    { type: 'button', class: 'primary', click: () => passBar.findCameras() },
    'Find cameras',
  );
  const renew = element('button', { type: 'button', click: renewAll }, 'Renew now');
  const playAll = element('button', { type: 'button', hidden: true, click: playEvery }, 'Play all');
  const search = element('input', {
    type: 'search',
    placeholder: 'Name, label or serial',
    'aria-label': 'Search cameras',
  });
  const filter = element(
    'select',
    { 'aria-label': 'Show' },
    ...FILTERS.map(([value, text]) => element('option', { value }, text)),
  );
  const banner = element('div', { class: 'banner', role: 'alert', hidden: true });
  const grid = element('main', { class: 'grid' });
  const empty = element('section', { class: 'empty', hidden: true });
  const range = element('span');
  const previous = element('button', { type: 'button', click: () => turn(-PAGE_SIZE) }, '← Previous');
  const next = element('button', { type: 'button', click: () => turn(PAGE_SIZE) }, 'Next →');
  const pager = element('nav', { class: 'pager', 'aria-label': 'Pages', hidden: true }, previous, range, next);

  root.className = 'fleet';
  root.append(
    element(
      'header',
      {},
      element('h1', {}, 'camlease'),
      summaryLine,
      overall.root,
      trouble,
      element('div', { class: 'buttons' }, playAll, renew, adding.button, importing.button, find),
    ),
    element('div', { class: 'tools' }, search, filter),
    adding.form,
    importing.form,
    banner,
    passBar.root,
    forecast.root,
    createAlertsPanel(),
    empty,
    grid,
    pager,
    element('footer', {}, element('a', { href: '/api/docs' }, 'API')),
  );
  search.addEventListener('input', () => turnTo(0));
  filter.addEventListener('change', () => turnTo(0));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void refresh();
  });
  window.addEventListener('pagehide', closeTiles);
  void refresh();

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    const mine = ++round;
    const query = new URLSearchParams({ limit: String(PAGE_SIZE), offset: String(offset) });
    if (search.value.trim() !== '') query.set('search', search.value.trim());
    if (filter.value !== '') query.set('health', filter.value);
    try {
      const [page, accounts, ready] = await Promise.all([listCameras(query), listAccounts(), getReady()]);
      // The user has searched or turned the page meanwhile: the newer request's answer counts.
      if (mine !== round) return;
      awaySince = null;
      showProblems(accounts, ready.parts, page.leftOut ?? []);
      showPage(page, accounts);
      overall.refresh();
      forecast.refresh();
      const [pass] = ready.running;
      if (pass) passBar.follow(pass.job, pass.pass);
    } catch {
      if (mine !== round) return;
      showAway();
    }
    // A hidden page does not poll.
    if (!document.hidden) schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    const isPlaying = [...tiles.values()].some((tile) => tile.isPlaying);
    const waitMs = awaySince !== null ? POLL_WHEN_AWAY_MS : isPlaying ? POLL_WHILE_PLAYING_MS : POLL_MS;
    timer = setTimeout(() => void refresh(), waitMs);
  }

  function showPage(page: CameraPage, accounts: readonly Account[]): void {
    total = page.total;
    if (offset > 0 && offset >= total) {
      turnTo(0);
      return;
    }
    const isNarrowed = search.value.trim() !== '' || filter.value !== '';
    showSummary(page, isNarrowed);
    const nowMs = Date.now();
    const ids = new Set(page.cameras.map(({ id }) => id));
    for (const [id, tile] of tiles) {
      if (ids.has(id)) continue;
      tile.close();
      tile.root.remove();
      tiles.delete(id);
    }
    page.cameras.forEach((camera, index) => {
      let tile = tiles.get(camera.id);
      if (!tile) {
        tile = createTile(camera, { renew: (id) => passBar.renew([id]), played: schedule });
        tiles.set(camera.id, tile);
      }
      tile.update(camera, nowMs);
      // Moved only when necessary: moving a video in the page stops it.
      if (grid.children[index] !== tile.root) grid.insertBefore(tile.root, grid.children[index] ?? null);
    });
    empty.hidden = total > 0;
    if (total === 0) empty.replaceChildren(...emptyState(accounts.length > 0, isNarrowed));
    playAll.hidden = page.cameras.length === 0 || page.cameras.length > PLAY_ALL_LIMIT;
    renew.disabled = total === 0;
    pager.hidden = total <= PAGE_SIZE;
    previous.disabled = offset === 0;
    next.disabled = offset + PAGE_SIZE >= total;
    setText(range, `${offset + 1} to ${Math.min(offset + PAGE_SIZE, total)} of ${count(total, 'camera')}`);
  }

  function showSummary(page: CameraPage, isNarrowed: boolean): void {
    // Counts the whole fleet even when a filter is set, which must not hide that a camera is dark.
    const { text, state } = summary(page.healthOfAll ?? page.health);
    summaryLine.dataset['health'] = state;
    setText(summaryIcon, STATES[state].icon);
    setText(summaryText, isNarrowed ? `${count(page.total, 'camera')} found · ${text}` : text);
    trouble.hidden = filter.value === TROUBLE || (state !== 'dark' && state !== 'failing');
  }

  function showTrouble(): void {
    search.value = '';
    filter.value = TROUBLE;
    // The button disappears when the answer comes, so keyboard focus moves to the filter, which brings the other cameras back.
    filter.focus();
    turnTo(0);
  }

  function showProblems(
    accounts: readonly Account[],
    { engine, streams, store, documents, lists }: Ready['parts'],
    leftOut: NonNullable<CameraPage['leftOut']>,
  ): void {
    const sentences = [
      engine?.problem ? `Media server: ${engine.problem}` : '',
      streams?.problem ?? '',
      store?.problem ? `Store: ${store.problem}` : '',
      leftOut.length > 0 ? leftOutWords(leftOut.length) : (documents?.problem ?? ''),
      lists?.problem ?? '',
      ...accounts.flatMap(({ name, failure, notes }) =>
        [...(failure === null ? [] : [failure]), ...notes].map(
          ({ message, cure }) => `Account ${name}: ${message} ${cure}`,
        ),
      ),
    ].filter((sentence) => sentence !== '');
    showBanner(sentences.join('\n'));
  }

  function showAway(): void {
    awaySince ??= new Date();
    const shown = tiles.size > 0 ? ' The page below shows the state before that.' : '';
    showBanner(`camlease has not answered since ${awaySince.toLocaleTimeString()}.${shown} The page keeps asking.`);
    summaryLine.dataset['health'] = 'unknown';
    setText(summaryIcon, STATES.unknown.icon);
    setText(summaryText, 'camlease does not answer');
  }

  function showBanner(text: string): void {
    banner.hidden = text === '';
    setText(banner, text);
  }

  function turn(by: number): void {
    turnTo(Math.max(0, offset + by));
    window.scrollTo({ top: 0 });
  }

  function turnTo(wanted: number): void {
    offset = wanted;
    void refresh();
  }

  function renewAll(): void {
    const question = `Ask the cloud for a new lease for ${count(total, 'camera')}? Pictures that people watch may freeze for a moment, or stop and start again.`;
    if (search.value.trim() !== '' || filter.value !== '') passBar.renew([...tiles.keys()]);
    else if (total < CONFIRM_FROM || window.confirm(question)) passBar.renew();
  }

  function playEvery(): void {
    for (const tile of tiles.values()) if (isPlayable(tile)) tile.play();
  }

  function closeTiles(): void {
    for (const tile of tiles.values()) tile.close();
  }
}

/** The API lists at most this many left-out documents. */
const MOST_LEFT_OUT = 1_000;

function leftOutWords(listed: number): string {
  const number = `${listed >= MOST_LEFT_OUT ? 'At least ' : ''}${count(listed, 'stored document')}`;
  return `${number} cannot be read as ${listed === 1 ? 'a camera and is' : 'cameras and are'} left out. GET /api/camera names each under leftOut, with what to correct.`;
}

function isPlayable({ root }: Tile): boolean {
  const health = root.dataset['health'];
  return health !== 'disabled' && health !== 'dark';
}
