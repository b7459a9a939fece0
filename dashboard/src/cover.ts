import { element } from './dom';

export interface Cover {
  /** Draws what this video shows now, `beneath` or `above` the covered one; a video without a picture changes nothing. */
  take(from: HTMLVideoElement, place: 'beneath' | 'above'): void;
  /** Goes once what the covered video shows is on the screen. */
  clear(): void;
}

/**
 * Keeps a picture for the moment in which a video has been given another stream and not shown a frame of it: it would be empty, or
 * grey where it has controls. Beneath, it hides neither the controls nor a picture, but shows through where there is none.
 */
export function coverOf(video: HTMLVideoElement): Cover {
  const canvas = element('canvas', { class: 'cover', 'aria-hidden': 'true' });
  let frame = 0;
  return {
    take: (from, place) => {
      const { videoWidth: width, videoHeight: height } = from;
      cancelAnimationFrame(frame);
      // The size is known a moment before the picture can be drawn; setting the canvas' size empties it.
      if (width > 0 && from.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
        canvas.width = width;
        canvas.height = height;
        canvas.getContext('2d')?.drawImage(from, 0, 0, width, height);
      }
      if (place === 'above') video.after(canvas);
      else video.before(canvas);
    },
    clear: () => {
      frame = requestAnimationFrame(() => (frame = requestAnimationFrame(() => canvas.remove())));
    },
  };
}
