import type { ShiftableClock } from './clock/shiftableClock.js';
import type { CallLog } from './cloud/callLog.js';
import type { StreamGate } from './cloud/streamGate.js';
import type { Fleet } from './fleet.js';
import type { Origin } from './origin/types.js';

export interface ControlDeps {
  readonly clock: ShiftableClock;
  readonly fleet: Fleet;
  readonly gate: StreamGate;
  readonly calls: CallLog;
  readonly origin: Origin | null;
}

/** The reports of the control API. They contain no key and no URL. */
export function controlReport({ clock, fleet, gate, calls, origin }: ControlDeps) {
  return {
    cameras: () =>
      fleet.cameras().map((camera) => ({
        camera: camera.ref,
        name: camera.name,
        account: camera.account,
        faults: [...camera.faults],
        ...camera.stream,
        liveAddressCalls: calls.liveAddressCalls(camera.ref),
        viewers: gate.viewers(camera.ref),
      })),
    accounts: () =>
      fleet.accounts.map((account) => ({
        name: account.name,
        vendor: account.vendor,
        region: account.region,
        cameras: fleet.cameras(account.name).length,
        faults: [...account.faults],
        streamCap: account.streamCap,
        tokenLifeSeconds: account.tokenLifeSeconds,
        rateLimit: account.rateLimit,
        calls: calls.counts(account.name),
        mostCallsIn950Ms: calls.maxCallsWithin(950, account.name),
        streams: gate.streams(account.name),
        mostStreams: gate.peak(account.name),
      })),
    counters: () => ({
      calls: calls.counts(),
      mostCallsIn950Ms: calls.maxCallsWithin(950),
      pulls: origin?.pulls() ?? 0,
      refusedPlays: gate.refusals(),
    }),
    clock: () => ({ now: clock.now().toISOString(), aheadSeconds: clock.offsetMs / 1000 }),
  };
}
