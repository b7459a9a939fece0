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

const WORDS: Readonly<Record<RelayReason, ReasonWords>> = {
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
};

/** For a camera that MediaMTX pulls by itself, because the relay failed by `protocol`. */
export const BESIDE_RELAY =
  "MediaMTX pulls the camera itself, because the relay does not understand the cloud's server, so each renewal drops its viewers.";

export function relayWords(reason: RelayReason): ReasonWords {
  return WORDS[reason];
}

/** Sentences to follow another one; empty: no pull has ended. */
export function relaySentence(reason: RelayReason | null): string {
  if (reason === null) return '';
  const { message, cure } = WORDS[reason];
  return cure === null ? message : `${message} What helps: ${cure}`;
}
