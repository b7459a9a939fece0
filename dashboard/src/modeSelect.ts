import { ApiError, setMode, type Camera, type CameraMode } from './api';
import { element, setText } from './dom';

const MODES: Readonly<Record<CameraMode, { readonly word: string; readonly meaning: string }>> = {
  'on-demand': {
    word: 'On demand',
    meaning: 'Pulled while somebody watches. With a relay, viewers do not notice when a new lease takes over.',
  },
  direct: {
    word: 'Direct',
    meaning: 'Pulled while somebody watches, by the media server itself. A new lease waits until nobody watches.',
  },
  'always-on': {
    word: 'Always on',
    meaning: 'Pulled all the time. When a new lease takes over, the picture freezes for about a second at most.',
  },
  seamless: {
    word: 'Seamless',
    meaning: 'Pulled all the time. With a relay, viewers do not notice when a new lease takes over.',
  },
};

export interface ModeSelect {
  readonly select: HTMLElement;
  /** Why the last change was refused; empty: it was accepted. */
  readonly problem: HTMLElement;
  update(camera: Camera): void;
}

/** Shows the mode of a camera, and lets the user change it. */
export function createModeSelect(id: string): ModeSelect {
  const problem = element('p', { class: 'sentence', role: 'alert' });
  const options = Object.entries(MODES).map(([value, { word, meaning }]) =>
    element('option', { value, title: meaning }, word),
  );
  const select = element('select', { class: 'small', change: () => void change() }, ...options);
  let shown: string = 'on-demand';

  return {
    select,
    problem,
    update: ({ name, mode }) => {
      select.hidden = mode === undefined;
      select.setAttribute('aria-label', `Mode of ${name}`);
      // Not updated while the user is choosing a mode, or while the API's answer is awaited.
      if (mode === undefined || select.disabled || document.activeElement === select) return;
      shown = mode;
      select.value = mode;
      select.title = MODES[mode].meaning;
    },
  };

  async function change(): Promise<void> {
    // The options are those of MODES.
    const wanted = select.value as CameraMode;
    select.disabled = true;
    setText(problem, '');
    try {
      await setMode(id, wanted);
      shown = wanted;
    } catch (error) {
      select.value = shown;
      const why = error instanceof ApiError ? [error.message, error.cure] : ['camlease does not answer.'];
      setText(problem, ['The mode was not changed.', ...why].join(' '));
    }
    select.disabled = false;
    select.title = options[select.selectedIndex]?.title ?? '';
  }
}
