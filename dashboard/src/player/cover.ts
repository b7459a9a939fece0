import { element } from '../dom';

export interface Cover {
  /** Draws the current picture of `from` beneath or above the covered video; without a picture the former drawing stays. */
  take(from: HTMLVideoElement, place: 'beneath' | 'above'): void;
  /** Removes the drawing once the covered video's own picture is on the screen. */
  clear(): void;
}

/**
 * Shows the last picture while a video has a new stream and no frame of it yet: the video would be empty, or grey where it has controls.
 * Beneath the video, the picture hides neither the controls nor the video's own picture, and shows through while there is none.
 */
export function coverOf(video: HTMLVideoElement): Cover {
  const canvas = element('canvas', { class: 'cover', 'aria-hidden': 'true' });
  let frame = 0;
  return {
    take: (from, place) => {
      const { videoWidth: width, videoHeight: height } = from;
      cancelAnimationFrame(frame);
      // A video knows its size a moment before its picture can be drawn, and setting the canvas' size would empty the canvas.
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
