import type { OldStream } from './streams.js';

/**
 * The player's page: the ids of all streams as links, and the picture of one. Its script makes the calls that the page of the old
 * system made. `id`: as the address has it; null: none is chosen.
 */
export function playerPage(streams: readonly OldStream[], id: string | null, iceServers: readonly string[]): string {
  const links = streams.map(({ uuid, camera }) => {
    const isChosen = uuid === id ? ' aria-current="page"' : '';
    const name = camera.name === uuid ? '' : ` <small>${escaped(camera.name)}</small>`;
    return `<li><a href="/stream/player/${encodeURIComponent(uuid)}"${isChosen}>${escaped(uuid)}</a>${name}</li>`;
  });
  const none = id === null || streams.length === 0 ? 'No stream is chosen.' : '';
  const given = `data-id="${escaped(id ?? '')}" data-ice="${escaped(JSON.stringify(iceServers))}"`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(id ?? 'Streams')}</title>
<link rel="stylesheet" href="/static/player.css">
<script src="/static/player.js" defer></script>
</head>
<body>
<nav><ul>${links.join('\n')}</ul></nav>
<main>
<video id="player" ${given} autoplay muted playsinline controls></video>
<p id="told" role="status">${none}</p>
</main>
</body>
</html>
`;
}

/** What the page may do: its own files, and calls to where it came from. Pages of other sites may frame it, as they did. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export const PAGE_STYLE = `html,body{margin:0;height:100%;background:#111;color:#ddd;font:14px system-ui,sans-serif}
body{display:flex}
nav{overflow:auto;padding:8px;max-width:30vw}
nav ul{list-style:none;margin:0;padding:0}
nav a{color:#9cf}
nav a[aria-current]{color:#fff;font-weight:bold}
main{flex:1;min-width:0;display:flex;flex-direction:column}
video{flex:1;min-height:0;width:100%;background:#000}
#told{margin:0;padding:4px 8px}
#told:empty{display:none}
@media (max-width:600px){nav{display:none}}
`;

/** One answer holds all candidates of the server, and the offer goes without any: there is no trickle. */
export const PAGE_SCRIPT = `'use strict';
const video = document.getElementById('player');
const told = document.getElementById('told');
const { id, ice } = video.dataset;
let wait = 1000;
let current = null;

async function asked(address, init) {
  const response = await fetch(address, init);
  const text = await response.text();
  if (response.ok && text !== '') return text;
  let sentence = 'The stream cannot be played now (status ' + response.status + ').';
  try { sentence = JSON.parse(text).error; } catch {}
  throw new Error(sentence);
}

function again(sentence) {
  told.textContent = sentence;
  current?.close();
  current = null;
  AbortSignal.timeout(wait).addEventListener('abort', play, { once: true });
  wait = Math.min(30000, 2 * wait);
}

async function play() {
  const name = encodeURIComponent(id);
  try {
    const tracks = JSON.parse(await asked('../codec/' + name));
    const urls = JSON.parse(ice);
    const peer = new RTCPeerConnection(urls.length === 0 ? {} : { iceServers: [{ urls }] });
    current = peer;
    const stream = new MediaStream();
    peer.ontrack = (event) => {
      stream.addTrack(event.track);
      video.srcObject = stream;
    };
    peer.onconnectionstatechange = () => {
      if (peer !== current) return;
      if (peer.connectionState === 'connected') {
        told.textContent = '';
        wait = 1000;
      } else if (peer.connectionState === 'failed') again('The connection broke off.');
    };
    for (const { Type } of tracks) peer.addTransceiver(Type, { direction: 'sendrecv' });
    await peer.setLocalDescription(await peer.createOffer());
    const body = new URLSearchParams({ suuid: id, data: btoa(peer.localDescription.sdp) });
    const answer = await asked('../receiver/' + name, { method: 'POST', body });
    await peer.setRemoteDescription({ type: 'answer', sdp: atob(answer) });
  } catch (error) {
    again(error.message);
  }
}

if (id !== '') void play();
`;

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
