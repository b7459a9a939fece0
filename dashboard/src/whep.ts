const GATHER_MS = 1_000;

/** A running WebRTC session. */
export interface Session {
  /** Settles with the reason once the connection is lost; not at `stop`. */
  readonly lost: Promise<string>;
  stop(): void;
}

/**
 * Plays a stream by WHEP. One request: the offer waits for its candidates, so no server needs to take trickled ones.
 * `lost` already counts `disconnected`: waiting for `failed` costs half a minute of frozen picture.
 */
export async function playWhep(video: HTMLVideoElement, url: string, signal: AbortSignal): Promise<Session> {
  const peer = new RTCPeerConnection();
  let session: string | null = null;
  const stop = (): void => {
    peer.onconnectionstatechange = null;
    peer.close();
    video.srcObject = null;
    // keepalive: the page may be closing, and a session left open goes on pulling from the cloud.
    if (session !== null) fetch(session, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    session = null;
  };
  try {
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    const stream = new MediaStream();
    peer.ontrack = ({ track }) => {
      stream.addTrack(track);
      if (video.srcObject !== stream) video.srcObject = stream;
    };
    const lost = new Promise<string>((resolve) => {
      peer.onconnectionstatechange = () => {
        const state = peer.connectionState;
        if (state === 'disconnected' || state === 'failed' || state === 'closed') resolve(`WebRTC is ${state}`);
      };
    });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const headers = { 'content-type': 'application/sdp' };
    const response = await fetch(url, { method: 'POST', headers, body: peer.localDescription?.sdp ?? '', signal });
    if (response.status !== 201) throw new Error(`WebRTC was refused (${response.status})`);
    const location = response.headers.get('location');
    session = location === null ? null : new URL(location, url).href;
    await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    signal.throwIfAborted();
    return { lost, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** All own candidates, or those that were found in a second: one slow network card must not hold up the rest. */
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      resolve();
    };
  });
}
