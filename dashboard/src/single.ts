import { getCamera, getLive } from './api';
import { element, setText } from './dom';
import { play, type PlayerView, type Transport } from './player/player';
import { badgeText } from './tile';

/** Short: the last picture of a camera that is away looks live until its slate comes, 5 s later. */
const POLL_MS = 2_000;

/** One camera as large as the window: `/?camera=<id>&play=webrtc|hls`, and the embedded engine's `/webrtc/<id>`. */
export function showSingle(root: HTMLElement, cameraId: string, transport: Transport | null): void {
  const video = element('video', { controls: true, id: 'video', 'aria-label': 'Live picture' });
  const badge = element('span', { class: 'badge', role: 'status' });
  const problem = element('p', { class: 'problem', role: 'status', hidden: true });
  const name = element('h1');
  // Inside another page's frame there is no list of cameras to go back to.
  const back = window.parent === window && element('a', { href: '/' }, '← All cameras');
  root.className = 'single';
  root.append(video, element('header', {}, back, name, badge), problem);

  let shown: PlayerView | null = null;
  /** A sentence about why the camera sends no pictures; null: it sends pictures, or its state is not known. */
  let darkness: string | null = null;
  const player = play(video, { cameraId, transport, onChange: show });
  const timer = setInterval(() => void look(), POLL_MS);
  window.addEventListener('pagehide', () => {
    clearInterval(timer);
    player.stop();
  });
  getLive(cameraId, AbortSignal.timeout(15_000)).then(
    ({ cameraInfo }) => {
      setText(name, cameraInfo.name);
      document.title = `${cameraInfo.name} – camlease`;
    },
    () => undefined,
  );

  async function look(): Promise<void> {
    if (document.hidden) return;
    const camera = await getCamera(cameraId).catch(() => null);
    darkness = camera?.health.state === 'dark' ? camera.health.sentence : null;
    if (shown !== null) show(shown);
  }

  function show(view: PlayerView): void {
    shown = view;
    badge.dataset['state'] = view.state;
    setText(badge, badgeText(view, darkness !== null));
    const text = view.problem ?? (view.state === 'playing' ? darkness : null);
    problem.hidden = text === null;
    setText(problem, text ?? '');
  }
}
