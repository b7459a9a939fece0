import type { CameraId } from '../../../src/core/camera/camera.js';
import type { DocumentChange, InsertOutcome } from '../../../src/store/driver.js';
import type { CameraDocument } from '../../../src/store/reading/cameraDocument.js';
import type { StoredRecord } from '../../../src/store/recordTable.js';
import type { Amid } from './daySchedule.js';
import type { Machine } from './machine.js';
import type { Wire } from './wire.js';
import type { World } from './world.js';

/** Of the calls that only look, which come every second, so many take time at all: the others would tell the same. */
const LOOKS_THAT_TAKE_TIME = 0.05;
const LOOKS: ReadonlySet<string> = new Set([
  ...['beat', 'readBeats', 'readVersions', 'readTombstones', 'readAll'],
  ...['records.list', 'records.dropBefore', 'events.dropBefore', 'passes.save', 'passes.keepNewest'],
]);
const FASTEST_MS = 2;
const SLOWEST_MS = 40;

/** The wire between one life of a replica and the database: how long it takes, and what the books see of it. */
export function wireOf(
  world: World,
  machine: Machine,
  onMoment: (moment: Amid, ids: readonly CameraId[]) => void,
): Wire {
  const { chance, clock, book } = world;
  const delayMs = (): number => Math.round(chance.between(FASTEST_MS, SLOWEST_MS));
  const slowMs = (): number => chance.length(...machine.slowMs);
  return {
    delaysMs(call) {
      if (clock.nowMs < machine.slowUntilMs) return [slowMs(), slowMs()];
      if (LOOKS.has(call) && !chance.happens(LOOKS_THAT_TAKE_TIME)) return [0, 0];
      return [delayMs(), delayMs()];
    },
    wait: (ms) => world.wait(ms),
    isAway: () => world.storeAway > 0 || machine.isCutOff,
    onSend(call, args) {
      if (call !== 'replaceMany') return;
      const promoted = (args[0] as readonly DocumentChange[]).filter(isPromotion).map(({ before }) => before.id);
      if (promoted.length > 0) onMoment('handover', promoted);
    },
    onDone(call, args, answer) {
      if (call === 'beat') book.silences.beat(String(args[0]));
      else if (call === 'readBeats') book.silences.looked(machine);
      else if (call === 'replace') {
        const change = args[0] as DocumentChange;
        if (answer === 'written') written(change);
      } else if (call === 'replaceMany') {
        const outcomes = answer as readonly string[];
        for (const [index, change] of (args[0] as readonly DocumentChange[]).entries())
          if (outcomes[index] === 'written') written(change);
      } else if (call === 'insert') {
        const { added } = answer as InsertOutcome;
        for (const { id, fields } of args[0] as readonly { id: string; fields: CameraDocument }[])
          if (added.has(id)) book.written(id, fields);
      } else if (call === 'records.put' && answer === true) handed(args[0] as StoredRecord);
    },
  };

  function written({ before, after }: DocumentChange): void {
    const wasClaimed = before.fields['claimOwner'] ?? null;
    const wasServed = before.fields['rtmpPath'] ?? '';
    const hadCandidate = candidateOf(before.fields['candidate']);
    book.written(before.id, after);
    const isTaken = after.claimOwner !== null && after.claimOwner !== wasClaimed;
    if (isTaken && typeof wasClaimed === 'string') book.claimTaken(before.id, wasClaimed, machine);
    if (isTaken) onMoment('claim', [before.id]);
    const isNew = after.candidate !== null && after.candidate.urlId !== hadCandidate;
    if (isNew) world.onCandidate(before.id);
    if (isPromotion({ before, after })) onMoment('promotion', [before.id]);
    else if (isNew || (after.lease !== null && after.rtmpPath !== wasServed)) onMoment('save', [before.id]);
  }

  function handed({ kind, id, body }: StoredRecord): void {
    if (kind !== 'account-owner' && kind !== 'engine-owner') return;
    const { owner } = body as { owner: string | null };
    book.owners.handed(`${kind} ${id}`, owner);
    book.trace.note(`db ${kind} ${id} ${owner ?? '-'}`);
    world.happened(45_000);
  }
}

function isPromotion({ before, after }: DocumentChange): boolean {
  const candidate = candidateOf(before.fields['candidate']);
  return candidate !== null && after.lease?.urlId === candidate;
}

function candidateOf(stored: unknown): string | null {
  return typeof stored === 'object' && stored !== null && 'urlId' in stored ? String(stored.urlId) : null;
}
