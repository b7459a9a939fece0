import { isForHere } from './openings.js';

/** HLS and WebRTC of the shipped template, which listens for this machine alone. */
const LISTENS = {
  hlsBaseUrl: /^(hlsAddress: )127\.0\.0\.1(?=:)/m,
  webrtcBaseUrl: /^(webrtc(?:LocalUDP)?Address: )127\.0\.0\.1(?=:)/gm,
} as const;

/** The text that a file is made from: it listens on all addresses for what viewers are told to reach by another name than this machine's. */
export function templateFor(
  template: string,
  baseUrls: { readonly hlsBaseUrl: string; readonly webrtcBaseUrl: string },
): string {
  let text = template;
  for (const name of ['hlsBaseUrl', 'webrtcBaseUrl'] as const)
    if (!isForHere(baseUrls[name])) text = text.replace(LISTENS[name], '$1');
  return text;
}
