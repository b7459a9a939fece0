import { firstPicture } from './frames';
import { Hearing } from './hearing';
import type { Session } from './session';

const FIRST_CANDIDATE_MS = 1_000;
const MORE_CANDIDATES_MS = 25;
/** From the answer; cameras send a key frame every 1 to 10 s. */
const FIRST_PICTURE_MS = 12_000;
/** From the answer, too: a server that died after it, or that no UDP reaches, never connects. */
const CONNECTED_WITHIN_MS = 5_000;

/**
 * Opens a stream by WHEP. One request: the offer waits for its candidates, so no server needs to take trickled ones.
 * The server's goodbye shows in the DTLS transport at once, in the connection seconds later, as `disconnected`; waiting for
 * `failed` costs half a minute of frozen picture.
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
    // A server that said goodbye has forgotten the session already.
    const isGone = peer.getReceivers()[0]?.transport?.state === 'closed';
    hearing?.stop();
    peer.close();
    letGoOfProbe();
    if (shownIn?.srcObject === stream) shownIn.srcObject = null;
    // keepalive: the page may be closing, and a session left open goes on pulling from the cloud.
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

/** A browser never answers what it was asked of a connection that is closed meanwhile: only the abort ends that wait. */
async function orAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  // Whatever it answers after all is heard by the race, so that a page's console names no error that nobody has.
  return Promise.race([aborted, asked]).finally(() => signal.removeEventListener('abort', onAbort));
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
 * Most of the own candidates: a computer's addresses are found in one burst, but Chromium calls it complete only a tenth of a second
 * later, and one slow network card must not hold up the rest. A server that can be reached learns the others by itself.
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
