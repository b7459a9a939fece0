import { orAborted } from '../../../src/core/async/orAborted';
import { firstPicture } from './frames';
import { Hearing } from './hearing';
import type { Session } from './session';

const FIRST_CANDIDATE_MS = 1_000;
const MORE_CANDIDATES_MS = 25;
/** Limit for the first picture after the answer; cameras send a key frame every 1 to 10 s. */
const FIRST_PICTURE_MS = 12_000;
/** Limit for the connection after the answer: a server that has died since, or that UDP does not reach, never connects. */
const CONNECTED_WITHIN_MS = 5_000;

/**
 * Opens a stream by WHEP. One request: the offer is sent with its ICE candidates in it, so the server need not accept later ones.
 * When the server ends the session, the DTLS transport shows it at once and the connection only seconds later, as `disconnected`; waiting
 * for `failed` would freeze the picture for half a minute.
 */
export async function openWhep(url: string, signal: AbortSignal, answered: () => void): Promise<Session> {
  const peer = new RTCPeerConnection();
  const stream = new MediaStream();
  const probe = document.createElement('video');
  let session: string | null = null;
  let shownIn: HTMLVideoElement | null = null;
  let hearing: Hearing | null = null;
  const letGoOfProbe = (): void => {
    probe.srcObject = null;
  };
  const stop = (): void => {
    signal.removeEventListener('abort', stop);
    // A server that has ended the session itself does not know it any more.
    const isGone = peer.getReceivers()[0]?.transport?.state === 'closed';
    hearing?.stop();
    peer.close();
    letGoOfProbe();
    if (shownIn?.srcObject === stream) shownIn.srcObject = null;
    // keepalive, since the page may be closing: a session left open would go on pulling from the cloud.
    if (session !== null && !isGone) fetch(session, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    session = null;
  };
  try {
    signal.throwIfAborted();
    signal.addEventListener('abort', stop);
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    peer.ontrack = ({ track }) => stream.addTrack(track);
    const ready = gathered(peer);
    // A browser never settles a promise of a connection that was closed meanwhile, so only the abort ends that wait.
    await orAborted(peer.setLocalDescription(await orAborted(peer.createOffer(), signal)), signal);
    await ready;
    const headers = { 'content-type': 'application/sdp' };
    const response = await fetch(url, { method: 'POST', headers, body: peer.localDescription?.sdp ?? '', signal });
    if (response.status !== 201) throw new Error(`WebRTC was refused (${response.status})`);
    const location = response.headers.get('location');
    session = location === null ? null : new URL(location, url).href;
    answered();
    await orAborted(peer.setRemoteDescription({ type: 'answer', sdp: await response.text() }), signal);
    const lost = lossOf(peer, receiver);
    probe.muted = true;
    probe.playsInline = true;
    probe.srcObject = stream;
    const problem = await firstPicture(probe, lost, FIRST_PICTURE_MS, signal);
    signal.throwIfAborted();
    if (problem !== null) throw new Error(problem);
    signal.removeEventListener('abort', stop);
    const heard = (hearing = new Hearing(peer));
    const show = (video: HTMLVideoElement): void => {
      shownIn = video;
      video.srcObject = stream;
      letGoOfProbe();
    };
    return {
      lost,
      preview: probe,
      show,
      stop,
      get isSilent() {
        return heard.isSilent;
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

function lossOf(peer: RTCPeerConnection, { transport }: RTCRtpReceiver): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { connectionState } = peer;
      if (transport?.state === 'closed' || transport?.state === 'failed') resolve('The server ended the stream');
      if (connectionState === 'disconnected' || connectionState === 'failed') resolve(`WebRTC is ${connectionState}`);
      if (connectionState === 'connected' || connectionState === 'closed') clearTimeout(timer);
    };
    const late = `WebRTC was not connected within ${CONNECTED_WITHIN_MS / 1_000} s`;
    const timer = setTimeout(() => resolve(late), CONNECTED_WITHIN_MS);
    transport?.addEventListener('statechange', look);
    peer.addEventListener('connectionstatechange', look);
    look();
  });
}

/**
 * Resolves when most of the browser's ICE candidates are known. A computer's addresses are found in one burst, but Chromium reports the end
 * only 0.1 s later, and a slow network card must not delay the offer. A server that can be reached learns the missing candidates by itself.
 */
function gathered(peer: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    let timer = setTimeout(resolve, FIRST_CANDIDATE_MS);
    peer.onicecandidate = ({ candidate }) => {
      clearTimeout(timer);
      timer = setTimeout(resolve, candidate === null ? 0 : MORE_CANDIDATES_MS);
    };
  });
}
