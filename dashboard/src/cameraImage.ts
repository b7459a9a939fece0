import { ApiError, setImage, type Camera } from './api';
import { element, setText } from './dom';

/** What camlease reads; the server looks at the file itself. */
export const IMAGE_TYPES = 'image/jpeg,image/png,image/webp';

export interface CameraImage {
  readonly root: HTMLElement;
  update(camera: Camera): void;
}

/** The photograph that people uploaded for a camera, and what changes it. */
export function createCameraImage(id: string): CameraImage {
  const picture = element('img', { alt: '', loading: 'lazy', hidden: true });
  const file = element('input', {
    type: 'file',
    accept: IMAGE_TYPES,
    change: () => void change(file.files?.[0] ?? null),
  });
  const choose = element('label', { class: 'choose' }, element('span', {}, 'Upload a photograph'), file);
  const remove = element(
    'button',
    { type: 'button', class: 'small', hidden: true, click: () => void change(null) },
    'Remove it',
  );
  const problem = element('p', { class: 'sentence', role: 'alert' });
  const root = element(
    'details',
    { class: 'status photograph' },
    element('summary', {}, 'Photograph'),
    picture,
    choose,
    remove,
    problem,
  );

  return { root, update };

  function update({ name, image = null }: Camera): void {
    picture.hidden = remove.hidden = image === null;
    picture.alt = `Photograph of ${name}`;
    if (image !== null && picture.getAttribute('src') !== image) picture.src = image;
  }

  async function change(image: File | null): Promise<void> {
    file.disabled = remove.disabled = true;
    setText(problem, '');
    try {
      update(await setImage(id, image));
    } catch (error) {
      const why = error instanceof ApiError ? [error.message, error.cure] : ['camlease does not answer.'];
      setText(problem, ['The photograph was not changed.', ...why].join(' '));
    }
    file.value = '';
    file.disabled = remove.disabled = false;
  }
}
