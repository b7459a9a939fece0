import { getLive } from './api';
import { element, setText } from './dom';
import { play, type PlayerView, type Transport } from './player';
import { badgeText } from './tile';

/** One camera as large as the window: `/?camera=<id>&play=webrtc|hls`, and the embedded engine's `/webrtc/<id>`. */
export function showSingle(root: HTMLElement, cameraId: string, transport: Transport | null): void {
  const video = element('video', { controls: true, id: 'video', 'aria-label': 'Live picture' });
  const badge = element('span', { class: 'badge', role: 'status' });
  const problem = element('p', { class: 'problem', role: 'status', hidden: true });
  const name = element('h1');
  // Framed by another page there is nowhere to go back to.
  const back = window.parent === window && element('a', { href: '/' }, '← All cameras');
  root.className = 'single';
  root.append(video, element('header', {}, back, name, badge), problem);

  const player = play(video, { cameraId, transport, onChange: show });
  window.addEventListener('pagehide', () => player.stop());
  getLive(cameraId, AbortSignal.timeout(15_000)).then(
    ({ cameraInfo }) => {
      setText(name, cameraInfo.name);
      document.title = `${cameraInfo.name} – camlease`;
    },
    () => undefined,
  );

  function show(view: PlayerView): void {
    badge.dataset['state'] = view.state;
    setText(badge, badgeText(view.state, view.transport));
    problem.hidden = view.problem === null;
    setText(problem, view.problem ?? '');
  }
}
