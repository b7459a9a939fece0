import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take long, the longest first: a long one that is begun last has the machine for itself. Vitest's own order goes by
 * what it remembers of earlier runs, and a fresh clone has had none.
 */
const LONG = [
  'test/e2e/handoverKill.long.test.ts',
  'test/e2e/oneRelay.long.test.ts',
  'test/e2e/badRenewal.long.test.ts',
  'test/e2e/decidedRenewal.long.test.ts',
  'test/year/year.long.test.ts',
  'test/e2e/silentOnDemand.long.test.ts',
  'src/engine/mediamtx/carried/alwaysOn.long.test.ts',
  'src/engine/mediamtx/relayed/relayedStreams.long.test.ts',
  'src/engine/mediamtx/changeover/bridges.long.test.ts',
  'src/engine/embedded/bridge.long.test.ts',
  'src/engine/mediamtx/carried/seamless.long.test.ts',
  'src/relay/stream/relayMediamtx.long.test.ts',
  'src/engine/mediamtx/carried/alwaysOnTrouble.long.test.ts',
  'test/recovery/mongoAway.long.test.ts',
  'src/relay/parent/relayProcess.long.test.ts',
  'src/engine/mediamtx/mediaMtxEngine.contract.long.test.ts',
  'src/engine/mediamtx/mediaMtxEngine.long.test.ts',
  'test/e2e/alerts.long.test.ts',
  'test/recovery/cutOffOwner.long.test.ts',
  'test/year/day/day.long.test.ts',
  'src/engine/mediamtx/mediaMtxEngine.contract.test.ts',
  'test/contracts/cameraStore.mongodb.test.ts',
  'src/relay/parent/relayProcess.test.ts',
  'src/relay/stream/relayMediamtx.test.ts',
  'test/e2e/play.test.ts',
  'test/e2e/kill.test.ts',
  'test/dashboard.test.ts',
  'src/relay/client/relayClient.test.ts',
  'src/engine/embedded/embeddedEngine.contract.test.ts',
  'src/engine/mediamtx/server/supervisor.test.ts',
  'test/e2e/faults.test.ts',
  'test/year/year.test.ts',
  'src/media/pictures/slate.test.ts',
  'test/year/day/day.test.ts',
  'test/recovery/relayOutlives.test.ts',
  'src/relay/client/versions.test.ts',
  'src/jobs/handover/modes.test.ts',
  'src/jobs/leasing/initialize.test.ts',
  'src/jobs/leasing/renew.test.ts',
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = (file: TestSpecification): number => {
      const place = LONG.indexOf(path.relative(this.ctx.config.root, file.moduleId).replaceAll(path.sep, '/'));
      return place < 0 ? LONG.length : place;
    };
    const groupOf = (file: TestSpecification): number => file.project.config.sequence.groupOrder;
    return (await super.sort(files)).sort((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b));
  }
}
