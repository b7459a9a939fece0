import { z } from 'zod';
import type { MigrationTarget } from '../connection/migrationTurn.js';
import type { MongoFields, MongoModels } from '../connection/models.js';
import { areAllDuplicateKeys } from '../connection/mongoErrors.js';
import { isFormerEvent, isFormerPass, isFormerPicture, isFormerRecord } from './formerShapes.js';

interface Former {
  readonly name: 'events' | 'passes' | 'pictures' | 'records';
  readonly isOurs: (document: MongoFields) => boolean;
  /** Documents held in memory at a time. */
  readonly batch: number;
}

const FORMER: readonly Former[] = [
  { name: 'records', isOurs: isFormerRecord, batch: 500 },
  { name: 'passes', isOurs: isFormerPass, batch: 100 },
  { name: 'pictures', isOurs: isFormerPicture, batch: 50 },
  { name: 'events', isOurs: isFormerEvent, batch: 500 },
];

/** Documents per query, so that no query takes longer than the driver waits, however many documents other programs have. */
const PAGE = 5000;
const SAY_EVERY_MS = 10_000;

/**
 * `ended`: finished collections, with how many documents of ours they had; `after`: the id up to which the current one is
 * copied.
 */
const progressSchema = z.object({
  ended: z.record(z.string(), z.int()),
  after: z.string(),
  copied: z.int(),
});
type CopyProgress = z.output<typeof progressSchema>;

/**
 * Copies what an earlier camlease kept in collections without a prefix. Its documents are recognized by shape; all others are
 * left alone, and the originals stay. Goes on where a process that died left off, and skips what was copied before. Queries ask
 * for ids of text alone: every id of camlease's is text, so documents with other ids (an ObjectId is usual) cost nothing.
 */
export async function copyFormerCollections(target: MigrationTarget): Promise<void> {
  const read = progressSchema.safeParse(target.turn.progress);
  let progress: CopyProgress = read.success ? read.data : { ended: {}, after: '', copied: 0 };
  for (const former of FORMER) {
    if (former.name in progress.ended) continue;
    const copied = await copyOne(former, progress, target);
    progress = { ended: { ...progress.ended, [former.name]: copied }, after: '', copied: 0 };
    await target.turn.note(progress);
  }
  logCopied(progress.ended, target);
}

/** Returns how many documents of ours the collection had. */
async function copyOne(
  former: Former,
  { ended, after, copied }: CopyProgress,
  target: MigrationTarget,
): Promise<number> {
  const { models, turn, clock, log } = target;
  const from = models.connection.collection<MongoFields & { _id: string }>(former.name);
  let loggedAtMs = clock.monotonicMs();
  let checkedAt = 0;
  while (true) {
    const [last] = await from
      .find({ _id: { $gt: after } }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .skip(PAGE - 1)
      .limit(1)
      .toArray();
    const page = from
      .find({ _id: { $gt: after, ...(last && { $lte: last._id }) } })
      .sort({ _id: 1 })
      .batchSize(former.batch);
    let batch: MongoFields[] = [];
    for await (const document of page) {
      if (!former.isOurs(document)) continue;
      batch.push(document);
      if (batch.length < former.batch) continue;
      await add(models, former, batch);
      await turn.note();
      copied += batch.length;
      batch = [];
    }
    await add(models, former, batch);
    copied += batch.length;
    if (!last) return copied;
    after = last._id;
    checkedAt += PAGE;
    await turn.note({ ended, after, copied });
    if (clock.monotonicMs() - loggedAtMs < SAY_EVERY_MS) continue;
    loggedAtMs = clock.monotonicMs();
    log.info?.(`camlease is copying the collection ${former.name} of an earlier camlease.`, {
      lookedAt: checkedAt,
      copied,
    });
  }
}

async function add(models: MongoModels, { name }: Former, batch: readonly MongoFields[]): Promise<void> {
  if (batch.length === 0) return;
  await models[name].collection.insertMany([...batch], { ordered: false }).catch((error: unknown) => {
    if (!areAllDuplicateKeys(error)) throw error;
  });
}

function logCopied(copied: Readonly<Record<string, number>>, { log }: MigrationTarget): void {
  const names = Object.keys(copied).filter((name) => (copied[name] ?? 0) > 0);
  if (names.length === 0) return;
  log.info?.(
    `camlease copied the collections ${names.join(', ')} of an earlier camlease to collections that start with camlease_. The old collections stay as they are; before you drop one, check whether other programs keep documents in it.`,
    { copied },
  );
}
