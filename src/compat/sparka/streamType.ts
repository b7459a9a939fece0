/** The kinds of addresses that the old server told apart. It converted `rtsp` alone; callers play the others themselves. */
export type StreamType = 'rtsp' | 'youtube' | 'hls' | 'mp4' | 'http' | 'unknown';

export function streamTypeOf(url: string): StreamType {
  const text = url.trim().toLowerCase();
  if (/^rtsps?:\/\//.test(text)) return 'rtsp';
  if (/^https?:\/\/(?:[\w-]+\.)*(?:youtube\.com|youtu\.be)(?:[/?#:]|$)/.test(text)) return 'youtube';
  if (text.includes('.m3u8')) return 'hls';
  if (text.includes('.mp4')) return 'mp4';
  return /^https?:\/\//.test(text) ? 'http' : 'unknown';
}
