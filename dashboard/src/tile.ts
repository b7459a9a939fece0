import type { Camera } from './api';
import { element, setText } from './dom';
import { play, type Player, type PlayerView } from './player/player';
import { createCameraImage } from './cameraImage';
import { createModeSelect } from './modeSelect';
import { createStatusDetails } from './status';
import { exactTime, goneSentence, isByUrl, leaseSentence, playsSentence, renewalSentence, STATES } from './words';

const PICTURE_EVERY_MS = 5 * 60_000;
/** Shorter for a camera without a stored picture, which soon gets its first one. */
const PICTURE_AGAIN_MS = 15_000;

export interface Tile {
  readonly root: HTMLElement;
  /** True: the tile has a running player. */
  readonly isPlaying: boolean;
  update(camera: Camera, nowMs: number): void;
  play(): void;
  /** Stops the player and releases everything; the tile must not be used again. */
  close(): void;
}

/** One camera: its picture or player, its state in words, its lease, and what to do when something is wrong. */
export function createTile(first: Camera, actions: { renew(id: string): void; played(): void }): Tile {
  const { id } = first;
  const state = element('span', { class: 'state' });
  const icon = element('span', { class: 'icon', 'aria-hidden': 'true' });
  const word = element('span');
  state.append(icon, word);
  const name = element('h2');
  const sentence = element('p', { class: 'sentence' });
  const code = element('p', { class: 'code', title: 'The code of the error, to search for or to give to the vendor' });
  const lease = element('p', { class: 'lease' });
  const renewal = element('p', { class: 'renewal' });
  const mode = createModeSelect(id);
  const photograph = createCameraImage(id);
  const plays = element('p', { class: 'plays' });
  const gone = element('p', { class: 'gone' });
  const still = element('img', { alt: '', loading: 'lazy', error: () => still.classList.add('absent') });
  const badge = element('span', { class: 'badge', hidden: true });
  const playButton = element('button', { class: 'play', type: 'button', click: () => start() });
  const stopButton = element('button', { class: 'stop', type: 'button', hidden: true, click: () => stop() }, 'Stop');
  const screen = element('div', { class: 'screen' }, still, playButton, badge, stopButton);
  const renewButton = element('button', { type: 'button', class: 'small', click: () => actions.renew(id) }, 'Renew');
  const large = element('a', { class: 'small', href: `/?camera=${encodeURIComponent(id)}` }, 'Full size');
  const foot = element('div', { class: 'foot' }, large, mode.select, renewButton);
  const text = element(
    'div',
    { class: 'text' },
    element('div', { class: 'title' }, name, state),
    sentence,
    code,
    lease,
    renewal,
    mode.problem,
    createStatusDetails(id, element('div', {}, plays, gone)),
    photograph.root,
    foot,
  );
  const root = element('article', { class: 'tile', 'data-camera': id }, screen, text);

  let video: HTMLVideoElement | null = null;
  let player: Player | null = null;
  let isWanted = false;
  let view: PlayerView | null = null;
  let isDark = false;
  let pictureAtMs = -Infinity;

  // A tile that is scrolled out of sight stops, so that it costs no stream; it plays again when it comes back.
  const sight = new IntersectionObserver(([entry]) => {
    if (entry?.isIntersecting === false) end();
    else if (isWanted) begin();
  });
  sight.observe(root);

  return {
    root,
    get isPlaying() {
      return player !== null;
    },
    update,
    play: start,
    close: () => {
      sight.disconnect();
      stop();
    },
  };

  function update(camera: Camera, nowMs: number): void {
    const { health, failure, notice } = camera;
    root.dataset['health'] = health.state;
    isDark = health.state === 'dark';
    showBadge();
    setText(name, camera.name);
    setText(icon, STATES[health.state].icon);
    setText(word, STATES[health.state].word);
    const isWell = health.state === 'healthy' || health.state === 'idle';
    // A camera that is dark for another reason than its latest failure needs another cure than the failure's.
    const isOther = health.state === 'dark' && failure !== null && failure.code !== health.reason;
    const cure =
      failure !== null && !isOther ? failure.cure : isWell || health.state === 'unknown' ? '' : health.nextStep;
    const renewing = renewalSentence(camera, isWell, nowMs);
    setText(renewal, renewing);
    const remedy = isWell && renewing !== '' ? '' : cure;
    setText(sentence, [isWell ? '' : health.sentence, remedy, notice ?? ''].filter((part) => part !== '').join(' '));
    const isBroken = health.state === 'dark' || health.state === 'failing';
    const reason = isOther ? health.reason : (failure?.code ?? (isBroken ? health.reason : null));
    setText(code, reason === null ? '' : `Code ${reason}`);
    mode.update(camera);
    photograph.update(camera);
    setText(plays, playsSentence(camera));
    setText(gone, goneSentence(camera));
    setText(lease, leaseSentence(camera, nowMs));
    lease.title = camera.lease
      ? `Until ${exactTime(camera.lease.expiresAt)}, revision ${camera.lease.revision}`
      : (camera.source?.url ?? '');
    const byUrl = isByUrl(camera);
    setText(renewButton, byUrl ? 'Open again' : 'Renew');
    const label = byUrl ? `Open the address of ${camera.name} again now` : `Renew the lease of ${camera.name} now`;
    renewButton.setAttribute('aria-label', label);
    large.setAttribute('aria-label', `${camera.name} in full size`);
    playButton.setAttribute('aria-label', `Play ${camera.name}`);
    stopButton.setAttribute('aria-label', `Stop ${camera.name}`);
    const isAbsent = still.classList.contains('absent');
    if (nowMs - pictureAtMs > (isWell && isAbsent ? PICTURE_AGAIN_MS : PICTURE_EVERY_MS)) {
      pictureAtMs = nowMs;
      still.classList.remove('absent');
      still.src = `/api/camera/${encodeURIComponent(id)}/snapshot?${nowMs}`;
    }
  }

  function start(): void {
    isWanted = true;
    begin();
  }

  function stop(): void {
    isWanted = false;
    end();
  }

  function begin(): void {
    if (player !== null) return;
    video = element('video', { 'aria-label': `Live picture of ${name.textContent}` });
    still.after(video);
    player = play(video, { cameraId: id, onChange: showPlayer });
    actions.played();
    playButton.hidden = true;
    stopButton.hidden = false;
    badge.hidden = false;
  }

  function end(): void {
    player?.stop();
    video?.remove();
    player = video = view = null;
    playButton.hidden = false;
    stopButton.hidden = true;
    badge.hidden = true;
  }

  function showPlayer(shown: PlayerView): void {
    view = shown;
    showBadge();
  }

  function showBadge(): void {
    if (view === null) return;
    badge.dataset['state'] = view.state;
    setText(badge, badgeText(view, isDark));
    badge.title = view.problem ?? '';
  }
}

/** The text of the badge on a picture. `isDark`: the camera sends nothing, and a stand-in is playing. */
export function badgeText({ state, transport }: PlayerView, isDark: boolean): string {
  const by = transport === null ? '' : transport === 'webrtc' ? 'WebRTC' : 'HLS';
  switch (state) {
    case 'playing':
      return isDark ? 'No live picture' : by;
    case 'connecting':
      return by === '' ? 'Connecting …' : `Connecting by ${by} …`;
    case 'reconnecting':
      return 'Reconnecting …';
    case 'waiting':
      return 'No picture now';
    case 'stopped':
      return '';
  }
}
