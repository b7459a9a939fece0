import { addCamera, ApiError } from './api';
import { IMAGE_TYPES } from './cameraImage';
import { element, setText } from './dom';

export interface AddCamera {
  /** Opens and closes the form. */
  readonly button: HTMLElement;
  readonly form: HTMLElement;
}

/** The form that adds a camera by its address. `added` is called with the name of a camera that was stored. */
export function createAddCamera(added: () => void): AddCamera {
  const url = field('Address', {
    name: 'url',
    required: true,
    maxlength: '2048',
    placeholder: 'rtsp://192.168.1.64/stream',
    inputmode: 'url',
  });
  const user = field('User', { name: 'user', maxlength: '200' });
  const password = field('Password', { name: 'password', type: 'password', maxlength: '200' });
  const name = field('Name', { name: 'name', required: true, maxlength: '100' });
  const image = field('Photograph (may be left out)', { name: 'image', type: 'file', accept: IMAGE_TYPES });
  const said = element('p', { class: 'sentence', role: 'status' });
  const problem = element('p', { class: 'sentence', role: 'alert', hidden: true });
  const add = element('button', { type: 'submit', class: 'primary' }, 'Open and add');
  const keep = element(
    'button',
    { type: 'button', hidden: true, click: () => void send(true) },
    'Keep it all the same',
  );
  const cancel = element('button', { type: 'button', click: () => show(false) }, 'Cancel');
  const form = element(
    'form',
    { class: 'add', hidden: true, autocomplete: 'off', 'aria-label': 'Add a camera' },
    element('h2', {}, 'Add a camera'),
    element('div', { class: 'fields' }, url.root, user.root, password.root, name.root, image.root),
    problem,
    said,
    element('div', { class: 'buttons' }, add, keep, cancel),
  );
  const button = element(
    'button',
    { type: 'button', 'aria-expanded': 'false', click: () => show(Boolean(form.hidden)) },
    'Add a camera',
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(false);
  });
  // What was refused is not what stands in the form any more.
  form.addEventListener('input', () => (keep.hidden = true));
  return { button, form };

  function show(isShown: boolean): void {
    form.hidden = !isShown;
    button.setAttribute('aria-expanded', String(isShown));
    tell('', '');
    keep.hidden = true;
    password.input.value = '';
    if (isShown) url.input.focus();
    else button.focus();
  }

  async function send(isKept: boolean): Promise<void> {
    if (!form.reportValidity()) return;
    busy(true);
    tell('', isKept ? 'The camera is stored …' : 'The address is opened, which may take some 10 s …');
    try {
      const source = {
        url: url.input.value,
        ...(user.input.value !== '' && { user: user.input.value }),
        ...(password.input.value !== '' && { password: password.input.value }),
      };
      const camera = { name: name.input.value, source, ...(isKept && { keep: true }) };
      await addCamera(camera, image.input.files?.[0] ?? null);
      form.reset();
      show(false);
      added();
    } catch (error) {
      const [code, ...why] =
        error instanceof ApiError ? [error.code, error.message, error.cure] : ['', 'camlease does not answer.'];
      // The button beside it says the same as the last sentence of this cure, which is for programs.
      tell(why.join(' ').replace(/ To store the camera all the same, send "keep": true\.$/, ''), '');
      keep.hidden = code !== 'SOURCE_NOT_OPENED' && code !== 'RELAY_UNREACHABLE';
    }
    busy(false);
  }

  function busy(isBusy: boolean): void {
    for (const one of [add, keep, cancel]) one.disabled = isBusy;
    form.setAttribute('aria-busy', String(isBusy));
  }

  function tell(wrong: string, going: string): void {
    problem.hidden = wrong === '';
    setText(problem, wrong);
    setText(said, going);
  }
}

function field(
  label: string,
  attributes: Parameters<typeof element>[1],
): { readonly root: HTMLElement; readonly input: HTMLInputElement } {
  const input = element('input', { type: 'text', autocapitalize: 'off', spellcheck: 'false', ...attributes });
  return { root: element('label', {}, element('span', {}, label), input), input };
}
