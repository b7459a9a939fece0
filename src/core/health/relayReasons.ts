import type { RelayReason } from '../streams/relay.js';
import type { Trouble } from './cameraTroubles.js';

/** Why the relay brings no picture of a camera, for people. `cure` null: nobody has to do anything. */
interface ReasonWords {
  readonly message: string;
  readonly cure: string | null;
  /** It lasts until a person acts. */
  readonly isByHand?: true;
}

/** The relay does not pull the camera at all, so that no player is sent to it. */
export const OVER_CAP: Trouble = {
  code: 'STREAM_CAP_REACHED',
  message: 'As many cameras of its account are pulled now as streamCap allows, so this one is not.',
  cure: "Watch fewer of the account's cameras at once, or raise streamCap in camlease.yml if the vendor's plan allows more.",
};

const WORDS: Readonly<Record<RelayReason, ReasonWords>> = {
  'not-found': {
    message: "The cloud's server does not know the lease's address any more.",
    cure: 'Renew the camera; after two pulls in vain that is done by itself, at most once an hour.',
  },
  refused: {
    message: "The cloud's server refuses to play the lease's address.",
    cure: "Look whether other programs use up the account's streams; renew the camera to have another address.",
  },
  ended: { message: "The cloud's server closed the stream. It is opened again by itself.", cure: null },
  silence: {
    message: "The cloud's server answers and sends nothing. It is asked again by itself.",
    cure: "Check the camera's power and network if that lasts.",
  },
  connection: {
    message: "The cloud's server cannot be reached, or the connection broke off. It is tried again by itself.",
    cure: "Look whether this machine reaches the internet: ports 1935 and 443 of the vendor's hosts have to be open.",
  },
  protocol: {
    message: "The cloud's server speaks in a way that the relay does not understand.",
    cure: null,
  },
  certificate: {
    message:
      "The cloud's server shows a certificate that is not trusted, out of date or of another host, so nothing is pulled from it.",
    cure: "Check this machine's clock. Where a firewall opens encrypted connections, name its certificate with NODE_EXTRA_CA_CERTS where the relay runs (docs/concepts/relay.md).",
    isByHand: true,
  },
  codec: {
    message: 'The camera sends pictures in a codec that the relay does not carry.',
    cure: "Set H.264 in the camera's video settings.",
    isByHand: true,
  },
  'no-key-frame': {
    message: 'Pictures come from the cloud, but none that a player can begin with.',
    cure: "Set a shorter I-frame interval in the camera's video settings.",
    isByHand: true,
  },
  'no-address': { message: 'The relay has no address of the camera that is good now.', cure: null },
  'over-cap': { ...OVER_CAP, isByHand: true },
};

/** For a camera that MediaMTX pulls by itself, because the relay failed by `protocol`. */
export const BESIDE_RELAY =
  "MediaMTX pulls the camera itself, because the relay does not understand the cloud's server: a renewal drops its viewers.";

export function relayWords(reason: RelayReason): ReasonWords {
  return WORDS[reason];
}

/** Sentences to follow another one; empty: no pull has ended. */
export function relaySentence(reason: RelayReason | null): string {
  if (reason === null) return '';
  const { message, cure } = WORDS[reason];
  return cure === null ? message : `${message} What helps: ${cure}`;
}
