import { ApiError, getPass, startPass, type Pass } from './api';
import { element, setText } from './dom';
import { count } from './words';

const LOOK_MS = 1_000;
const STAY_MS = 15_000;
const DOING: Readonly<Partial<Record<Pass['job'], string>>> = {
  renew: 'Renewing',
  import: 'Importing',
  network: 'Searching',
};

export interface PassBar {
  readonly root: HTMLElement;
  findCameras(): void;
  renew(cameraIds?: readonly string[]): void;
  /** Shows a pass that was started elsewhere. */
  follow(job: string, id: string): void;
}

/** Starts passes and shows the progress of one pass at a time. */
export function createPassBar(onEnd: () => void): PassBar {
  const text = element('p');
  const bar = element('progress');
  const root = element('div', { class: 'pass', role: 'status', hidden: true }, text, bar);
  let shown: string | null = null;
  let hideTimer: ReturnType<typeof setTimeout> | undefined;

  return {
    root,
    findCameras: () => void start('/api/hikvision/initialize', {}, 'initialize'),
    renew: (cameraIds) => void start('/api/hikvision/renew', { force: true, ...(cameraIds && { cameraIds }) }, 'renew'),
    follow: (job, id) => {
      if (shown === null && job !== 'snapshot') void watch(id);
    },
  };

  async function start(
    path: Parameters<typeof startPass>[0],
    body: Parameters<typeof startPass>[1],
    job: Pass['job'],
  ): Promise<void> {
    say(job === 'renew' ? 'Renewing …' : 'Finding cameras …', null);
    try {
      await watch(await startPass(path, body));
    } catch (error) {
      const sentence = error instanceof ApiError ? `${error.message} ${error.cure}` : 'camlease does not answer.';
      end(sentence);
    }
  }

  async function watch(id: string): Promise<void> {
    shown = id;
    clearTimeout(hideTimer);
    try {
      while (shown === id) {
        const pass = await getPass(id);
        if (pass.state !== 'running') {
          end(endSentence(pass));
          onEnd();
          return;
        }
        const counted = pass.total === 0 ? '' : ` ${pass.done + pass.failed} of ${count(pass.total, 'camera')}`;
        say(`${DOING[pass.job] ?? 'Finding and leasing'}${counted} …`, pass);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    } catch {
      end('camlease does not answer, so the page cannot show whether this worked.');
    }
  }

  function say(sentence: string, pass: Pass | null): void {
    root.hidden = bar.hidden = false;
    setText(text, sentence);
    if (pass === null || pass.total === 0) bar.removeAttribute('value');
    else {
      bar.max = pass.total;
      bar.value = pass.done + pass.failed;
    }
  }

  function end(sentence: string): void {
    shown = null;
    root.hidden = false;
    bar.hidden = true;
    setText(text, sentence);
    clearTimeout(hideTimer);
    hideTimer = setTimeout(() => (root.hidden = true), STAY_MS);
  }
}

function endSentence({ report, error }: Pass): string {
  if (error !== null || report === null)
    return [error?.message ?? 'camlease could not do this.', error?.cure ?? ''].join(' ');
  const failed = report.failed.length;
  const failures = failed === 0 ? '' : ` ${count(failed, 'camera')} failed; the cards show why.`;
  if ('renewed' in report) {
    const held = report.held === 0 ? '' : `, ${report.held} ${whyHeld(report.heldCameras ?? [])}`;
    return `Renewed ${count(report.renewed, 'camera')}${held}.${failures}`;
  }
  if ('found' in report) return `Found ${count(report.found.length, 'device')} on the network.`;
  if ('unchanged' in report)
    return `Imported: ${count(report.created, 'new camera')}, ${report.changed} changed. ${failed === 0 ? '' : rowsRefused(report.failed)}`;
  const { discovered, leased } = 'discovered' in report ? report : { discovered: 0, leased: 0 };
  return `Found ${count(discovered, 'camera')}, leased ${leased}.${failures}`;
}

function rowsRefused(rows: readonly { readonly message: string }[]): string {
  const [first, ...more] = rows;
  const others = more.length === 0 ? '' : ` (and ${count(more.length, 'row')} more, in the report of the pass)`;
  return `${first?.message ?? ''}${others}`;
}

/** The words behind "Renewed 3 cameras, 1 " for cameras whose renewal is held. */
function whyHeld(cameras: readonly { readonly reason: string }[]): string {
  const isWatched = cameras.every(({ reason }) => reason === 'watched');
  return isWatched ? 'wait until nobody watches' : 'wait; the cards show why';
}
