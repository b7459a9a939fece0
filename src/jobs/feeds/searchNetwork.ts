import type { FoundDevice, NetworkReport, NetworkWish } from '../../core/passes/networkReport.js';
import type { Progress } from '../run/passes.js';

/** How the local network is searched, and what is known to limit that. */
export interface NetworkSearch {
  readonly search: (wish: NetworkWish, signal: AbortSignal) => Promise<readonly FoundDevice[]>;
  /** True: this process runs in a container, whose network may be one of its own. */
  readonly isInContainer: boolean;
}

const IN_CONTAINER =
  "camlease runs in a container, and questions to a whole network do not leave a container's own network: cameras are found by their " +
  'typed addresses alone, unless the container shares the network of its host.';

/** Searches the local network for cameras that speak ONVIF; stores nothing. */
export async function runNetworkSearch(
  { search, isInContainer }: NetworkSearch,
  wish: NetworkWish,
  progress: Progress,
  signal: AbortSignal,
): Promise<NetworkReport> {
  const found = await search(wish, signal);
  progress.grow(found.length);
  for (const { problem } of found) {
    if (problem === null) progress.done();
    else progress.failed();
  }
  const notes = wish.asksAll && isInContainer ? [IN_CONTAINER] : [];
  return { success: true, found, notes, failed: [], pass: progress.passId };
}
