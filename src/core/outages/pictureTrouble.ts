import { NOTHING_COMES, type Trouble } from '../health/cameraTroubles.js';
import { relayWords } from '../health/relayReasons.js';
import type { RelayReason } from '../streams/relay.js';
import type { Outage } from './outage.js';

const CURE =
  'It is tried again by itself while somebody watches, and another lease is asked for, at most once an hour.';

/**
 * Why a camera shows nothing though its lease lives and a player may be sent to it: it may come any moment, so this is told beside its
 * address. null: nothing is known to be wrong. `reason`: what the relay says now; null: nothing.
 */
export function pictureTrouble(outage: Outage | null, reason: RelayReason | null): Trouble | null {
  if (outage === null || outage.endedAt !== null || outage.reason !== NOTHING_COMES.code) return null;
  if (reason === null) return { code: outage.reason, message: outage.message, cure: CURE };
  const { message, cure } = relayWords(reason);
  return {
    code: outage.reason,
    message: `The lease lives, but nothing comes from the cloud. ${message}`,
    cure: cure ?? CURE,
  };
}
