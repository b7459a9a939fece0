import type { Camera } from '../../core/camera/camera.js';
import { isUrlCamera } from '../../core/camera/cameraSource.js';
import { MASK, maskedUrl } from '../../core/camera/maskedUrl.js';
import { withLoginApart } from '../../core/camera/sourceUrl.js';
import { startedAt, type StartedStream } from './startedStreams.js';

/** Each field in the two spellings: of the old server's document, and of its code. */
type BothSpellings = Readonly<Record<string, unknown>>;

export function hlsUrlOf(id: string): string {
  return `/hls/${encodeURIComponent(id)}/index.m3u8`;
}

/** What a reply on a start, and each item of a list, says of a stream. No login is in it. */
export function streamJson({ id, camera }: StartedStream): BothSpellings {
  const [hlsUrl, startTime, sourceUrl] = [hlsUrlOf(id), startedAt(camera).toISOString(), shownSource(camera)];
  return {
    ...{ streamId: id, stream_id: id, cctvId: id },
    ...{ sourceUrl, source_url: sourceUrl, rtspUrl: sourceUrl, rtsp_url: sourceUrl },
    ...{ streamType: 'rtsp', stream_type: 'rtsp' },
    ...{ hlsUrl, hls_url: hlsUrl, startTime, start_time: startTime, status: statusOf(camera) },
  };
}

/** `cached` was the old server's word for a stream whose pictures had ended. */
export function statusOf({ failure }: Camera): 'active' | 'cached' {
  return failure === null ? 'active' : 'cached';
}

export function shownSource(camera: Camera): string {
  return isUrlCamera(camera) ? maskedUrl(withLoginApart(camera.source).url) : MASK;
}
