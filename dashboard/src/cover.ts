import { element } from './dom';

export interface Cover {
  /** Draws the picture that this video shows now; one without a picture changes nothing. */
  take(from: HTMLVideoElement): void;
  clear(): void;
}

/**
 * Keeps a picture beneath a video: a video that has been given another stream shows nothing until its first frame, and this shows
 * through. Beneath, so that it never hides the video's controls or its pictures.
 */
export function coverOf(video: HTMLVideoElement): Cover {
  const canvas = element('canvas', { class: 'cover', 'aria-hidden': 'true', hidden: true });
  return {
    take: (from) => {
      const { videoWidth: width, videoHeight: height } = from;
      if (width === 0) return;
      canvas.width = width;
      canvas.height = height;
      canvas.getContext('2d')?.drawImage(from, 0, 0, width, height);
      canvas.hidden = false;
      if (canvas.nextSibling !== video) video.before(canvas);
    },
    clear: () => {
      canvas.hidden = true;
      canvas.remove();
    },
  };
}
