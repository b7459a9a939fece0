import type { GivenBy } from '../streams/pullTarget.js';
import type { RelayReason } from '../streams/relay.js';
import type { CameraTrouble } from './cameraTroubles.js';

/** Why the relay brings no picture of a camera, for people. `cure` null: nobody has to do anything. */
interface ReasonWords {
  readonly message: string;
  readonly cure: string | null;
  /** It lasts until a person acts. */
  readonly isByHand?: true;
}

/** The relay does not pull the camera at all, so that no player is sent to it. */
export const OVER_CAP: CameraTrouble = {
  code: 'STREAM_CAP_REACHED',
  message: 'The account already has as many streams open as streamCap allows, so the relay does not pull this camera.',
  cure: "Watch fewer of the account's cameras at once, or raise streamCap in camlease.yml if the vendor's plan allows more.",
};

const READER_MISSING: ReasonWords = {
  message:
    'HLS and MJPEG sources need node-av, which is not installed where the relay runs, so the relay does not pull this camera.',
  cure: 'Run `npm install --include=optional` where the relay is installed; it is found within a minute. Or give an RTSP address of the camera.',
  isByHand: true,
};
const READER_LOST: ReasonWords = {
  message: 'The process that reads this source for the relay ended. The relay starts it again by itself.',
  cure: null,
};
const NO_TRANSCODE: ReasonWords = {
  message:
    'The pictures have to be transcoded to H.264, and the relay transcodes as many cameras already as TRANSCODES_MAX allows, so this one waits until another is no longer watched.',
  cure: 'Watch fewer of these cameras at once, or raise TRANSCODES_MAX where camlease and the relay run.',
};

const OF_CLOUD: Readonly<Record<RelayReason, ReasonWords>> = {
  'not-found': {
    message: "The cloud's server no longer knows the lease's live URL.",
    cure: 'Renew the camera; after two failed pulls camlease does it by itself, at most once an hour.',
  },
  refused: {
    message: "The cloud's server refuses to play the lease's live URL.",
    cure: "Check whether other programs use up the account's streams; renew the camera to get another live URL.",
  },
  ended: { message: "The cloud's server closed the stream. The relay opens it again by itself.", cure: null },
  silence: {
    message: "The cloud's server answers but sends nothing. The relay asks again by itself.",
    cure: "If this lasts, check the camera's power and network.",
  },
  connection: {
    message: "The relay cannot reach the cloud's server, or the connection broke off. The relay tries again by itself.",
    cure: "Check that this machine reaches the internet: ports 1935 and 443 of the vendor's hosts have to be open.",
  },
  protocol: {
    message: "The cloud's server answers in a way that the relay does not understand.",
    cure: null,
  },
  certificate: {
    message:
      "The cloud's server shows a certificate that is not trusted, has expired or is for another host, so the relay pulls nothing from it.",
    cure: "Check this machine's clock. Where a firewall opens encrypted connections, name its certificate with NODE_EXTRA_CA_CERTS where the relay runs (docs/concepts/relay.md).",
    isByHand: true,
  },
  codec: {
    message: 'The camera sends pictures in a codec that the relay does not carry.',
    cure: "Set H.264 in the camera's video settings.",
    isByHand: true,
  },
  'no-key-frame': {
    message: 'Pictures come from the cloud, but no key frame with which a player can start.',
    cure: "Set a shorter I-frame interval in the camera's video settings.",
    isByHand: true,
  },
  'no-address': { message: 'The relay has no valid live URL of the camera now.', cure: null },
  'over-cap': { ...OVER_CAP, isByHand: true },
  login: {
    message: "The cloud's server asks for a user and password, which the lease's live URL does not have.",
    cure: 'Renew the camera to get another live URL.',
  },
  forbidden: {
    message: "The lease's live URL leads to a network that the relay may not connect to.",
    cure: 'Renew the camera to get another live URL.',
  },
  'too-many': {
    message: "The cloud's server plays no more streams of this camera at once. The relay asks again by itself.",
    cure: 'Close other programs that watch the camera.',
  },
  'not-a-stream': {
    message: "What answers at the lease's live URL is no video stream.",
    cure: 'Renew the camera to get another live URL.',
  },
  'reader-missing': READER_MISSING,
  'reader-lost': READER_LOST,
  'no-transcode': NO_TRANSCODE,
};

/** The same of a camera whose address a person gave. */
const OF_PERSON: Readonly<Record<RelayReason, ReasonWords>> = {
  'not-found': {
    message: 'The camera answers, but has no stream at the path of its address.',
    cure: "Correct the path of the camera's address; the manual of the camera names it.",
  },
  refused: {
    message: 'The camera answers, but refuses to play its stream. The relay asks again by itself.',
    cure: "Check the path of the camera's address, and whether its user may watch the stream.",
  },
  ended: { message: 'The camera closed the stream. The relay opens it again by itself.', cure: null },
  silence: {
    message: 'The camera answers but sends no picture. The relay asks again by itself.',
    cure: "If this lasts, check the camera's video settings, or start the camera again.",
  },
  connection: {
    message: 'The relay cannot reach the camera, or the connection broke off. The relay tries again by itself.',
    cure: "Check the camera's power and network, and host and port of its address; the machine of the relay has to reach them.",
  },
  protocol: {
    message: 'The camera answers in a way that the relay does not understand. The relay asks again by itself.',
    cure: "Check scheme and port of the camera's address.",
  },
  certificate: {
    message:
      'The camera shows a certificate that is not trusted, has expired or is for another host, so the relay pulls nothing from it.',
    cure: "Name the camera's certificate with NODE_EXTRA_CA_CERTS where the relay runs (docs/concepts/relay.md), or give an address without encryption.",
    isByHand: true,
  },
  codec: OF_CLOUD.codec,
  'no-key-frame': {
    message: 'Pictures come from the camera, but no key frame with which a player can start.',
    cure: "Set a shorter I-frame interval in the camera's video settings.",
    isByHand: true,
  },
  'no-address': { message: 'The relay has no address of the camera now.', cure: null },
  'over-cap': OF_CLOUD['over-cap'],
  login: {
    message:
      'The camera refuses its user or password. The relay tries them only once in 30 minutes, because many cameras lock a user out after some wrong tries.',
    cure: "Correct user and password in the camera's source; the relay tries new ones at once.",
    isByHand: true,
  },
  forbidden: {
    message: "The camera's address leads to a network that the relay may not connect to, so the relay did not try.",
    cure: 'Correct the address. If the camera really is there, name its network in SOURCE_NETWORKS where camlease and the relay run, and start them again.',
    isByHand: true,
  },
  'too-many': {
    message: 'The camera has no free session for the relay. The relay asks again by itself.',
    cure: 'Close other programs that watch the camera, or allow more connections in its settings.',
  },
  'not-a-stream': {
    message: "What answers at the camera's address is no video stream: it speaks another protocol, or sends no video.",
    cure: "Correct scheme, port and path of the camera's address.",
    isByHand: true,
  },
  'reader-missing': READER_MISSING,
  'reader-lost': READER_LOST,
  'no-transcode': NO_TRANSCODE,
};

const WORDS: Readonly<Record<GivenBy, Readonly<Record<RelayReason, ReasonWords>>>> = {
  cloud: OF_CLOUD,
  person: OF_PERSON,
};

/** For a camera that MediaMTX pulls by itself, because the relay failed by `protocol`. */
export const BESIDE_RELAY =
  "MediaMTX pulls the camera itself, because the relay does not understand the cloud's server, so each renewal drops its viewers.";

/** `givenBy`: who gave the camera's URL; a sentence about a camera of no cloud names none. */
export function relayWords(reason: RelayReason, givenBy: GivenBy): ReasonWords {
  return WORDS[givenBy][reason];
}

/** Sentences to follow another one; empty: no pull has ended. */
export function relaySentence(reason: RelayReason | null, givenBy: GivenBy): string {
  if (reason === null) return '';
  const { message, cure } = WORDS[givenBy][reason];
  return cure === null ? message : `${message} What helps: ${cure}`;
}
