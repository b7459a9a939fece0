import { NOTHING_COMES, type CameraTrouble } from '../health/cameraTroubles.js';
import { relayWords } from '../health/relayReasons.js';
import type { RelayReason } from '../streams/relay.js';
import type { Outage } from './outage.js';

const CURE =
  'It is tried again by itself while somebody watches, and another lease is asked for, at most once an hour.';

/**
 * Why a camera shows no picture though its lease lives and a player may be sent to it; shown beside its links, because the
 * picture may come at any moment. null: nothing is known to be wrong. `reason`: the relay's reason now; null: none.
 */
export function pictureTrouble(outage: Outage | null, reason: RelayReason | null): CameraTrouble | null {
  if (outage === null || outage.endedAt !== null || outage.reason !== NOTHING_COMES.code) return null;
  if (reason === null) return { code: outage.reason, message: outage.message, cure: CURE };
  const { message, cure } = relayWords(reason);
  return {
    code: outage.reason,
    message: `The lease is valid, but nothing comes from the cloud. ${message}`,
    cure: cure ?? CURE,
  };
}
