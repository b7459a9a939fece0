import { isForHere } from './openings.js';

/** The HLS and WebRTC addresses in the shipped template, which listen on this machine only. */
const LISTENS = {
  hlsBaseUrl: /^(hlsAddress: )127\.0\.0\.1(?=:)/m,
  webrtcBaseUrl: /^(webrtc(?:LocalUDP)?Address: )127\.0\.0\.1(?=:)/gm,
} as const;

/** The template of a new file. A protocol whose base URL names another host than this machine itself listens on all addresses. */
export function templateFor(
  template: string,
  baseUrls: { readonly hlsBaseUrl: string; readonly webrtcBaseUrl: string },
): string {
  let text = template;
  for (const name of ['hlsBaseUrl', 'webrtcBaseUrl'] as const)
    if (!isForHere(baseUrls[name])) text = text.replace(LISTENS[name], '$1');
  return text;
}
