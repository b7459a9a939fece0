import { expect, it } from 'vitest';
import { refused } from '../../../test/support/clouds/fakeCloud.js';
import { ACCOUNT, replicaHouse, type Replica, type ReplicaHouse } from '../../../test/support/replicas/replicaRig.js';
import { outageOf } from '../outages/outageWatchCodec.js';

const MINUTE_MS = 60_000;
const REF = 'SN0000001_1';

/** From now on these replicas' clouds list the camera, and refuse the account when they are asked for its lease. */
function refuse(...replicas: Replica[]): void {
  for (const { cloud } of replicas) cloud.refusals.set(REF, refused.keys);
}

const saidBy = ({ jobs }: Replica) => {
  const [account] = jobs.status().accounts;
  if (!account) throw new Error('there is no account');
  const { lastSuccessAt, refused: refusal, queued } = account;
  return { lastSuccessAt, refused: refusal, queued };
};

/** Two replicas; the first one owns the account, which is refused. */
async function refusedHouse(
  second: Parameters<ReplicaHouse['start']>[1] = {},
): Promise<ReplicaHouse & { readonly first: Replica; readonly other: Replica }> {
  const house = await replicaHouse();
  const first = await house.start('first', {
    fingerprint: 'key-1',
    ...(second.watchesOutages && { watchesOutages: true }),
  });
  const other = await house.start('second', { fingerprint: 'key-1', ...second });
  await house.pass(6_000);
  refuse(first, other);
  first.jobs.initialize();
  await house.pass(6_000);
  return { ...house, first, other };
}

it('every replica says of an account what its owner knows, and that it is over when it is', async () => {
  const { first, other, pass } = await refusedHouse();
  expect(saidBy(first).refused?.code).toBe('OPEN000001');
  expect(saidBy(other)).toEqual(saidBy(first));
  expect(saidBy(other).lastSuccessAt).not.toBeNull();
  expect(other.cloud.calls).toEqual([]);
  first.cloud.refusals.clear();
  await pass(11 * MINUTE_MS);
  expect(saidBy(first).refused).toBeNull();
  expect(saidBy(other)).toEqual(saidBy(first));
});

it('every replica tells what is strange about the listing, and who takes the account over goes on telling it', async () => {
  const house = await replicaHouse();
  const first = await house.start('first', { fingerprint: 'key-1' });
  const other = await house.start('second', { fingerprint: 'key-1' });
  await house.pass(6_000);
  first.cloud.odd = [{ listing: 'cameras', position: 2, deviceSerial: 'SN0000009', field: 'channelNo' }];
  first.jobs.initialize();
  await house.pass(6_000);
  const notesOf = ({ jobs }: Replica) => jobs.status().accounts[0]?.notes;
  expect(notesOf(first)).toMatchObject([{ code: 'LISTING_ODD_RECORDS', records: [{ deviceSerial: 'SN0000009' }] }]);
  expect(notesOf(other)).toEqual(notesOf(first));
  const before = notesOf(first);
  first.kill();
  await house.pass(30_000);
  expect(other.ownership.account(ACCOUNT)).toBe(true);
  expect(notesOf(other)).toEqual(before);
  other.jobs.initialize();
  await house.pass(6_000);
  expect(notesOf(other)).toEqual([]);
});

it('whichever replica a person asks to find cameras answers with the same reason and code', async () => {
  const house = await replicaHouse();
  const first = await house.start('first');
  const other = await house.start('second');
  await house.pass(6_000);
  expect(first.ownership.account(ACCOUNT)).toBe(true);
  first.cloud.refusal = refused.keys;
  const outcomes = [];
  for (const { jobs } of [first, other]) {
    const pass = jobs.initialize();
    await house.pass(10_000);
    const { error } = await pass.ended;
    outcomes.push({ code: error?.code, message: error?.message, cure: error?.cure });
  }
  expect(outcomes[0]).toEqual({
    code: 'ALL_ACCOUNTS_REFUSED',
    message: `No account could be listed. ${ACCOUNT}: ${refused.keys.message}`,
    cure: refused.keys.cure,
  });
  expect(outcomes[1]).toEqual(outcomes[0]);
});

it('who takes a refused account over asks it when the owner before would have, and not before', async () => {
  const { first, other, pass } = await refusedHouse();
  const openAt = saidBy(first).refused?.nextLookAt.getTime() ?? 0;
  first.kill();
  await pass(30_000);
  expect(other.ownership.account(ACCOUNT)).toBe(true);
  expect(saidBy(other).refused).toMatchObject({ code: 'OPEN000001', attempts: 1 });
  await pass(openAt - other.clock.now().getTime() - 2_000);
  expect(other.cloud.opened()).toEqual([]);
  await pass(4_000);
  expect(other.cloud.opened()).toEqual([REF]);
  expect(saidBy(other).refused).toMatchObject({ attempts: 2 });
});

it('who has another key than the owner before asks at once', async () => {
  const { first, other, pass } = await refusedHouse({ fingerprint: 'key-2' });
  expect(saidBy(other).refused?.code).toBe('OPEN000001');
  other.cloud.refusals.clear();
  first.kill();
  await pass(30_000);
  expect(other.cloud.opened()).toEqual([REF]);
  expect(saidBy(other).refused).toBeNull();
});

it('a refusal from a clock that is far ahead is nothing to wait for, and the next one counts', async () => {
  const { first, other, pass } = await refusedHouse();
  first.clock.jumpWallClock(60 * MINUTE_MS);
  await pass(6_000);
  expect(saidBy(other).refused).toMatchObject({ attempts: 2 });
  first.kill();
  await pass(30_000);
  expect(other.cloud.opened()).toHaveLength(1);
  await pass(8 * MINUTE_MS);
  expect(other.cloud.opened()).toHaveLength(1);
  await pass(4 * MINUTE_MS);
  expect(other.cloud.opened()).toHaveLength(2);
});

it('a refusal is one outage for all replicas, which a takeover neither ends nor begins anew', async () => {
  const { first, other, pass, records } = await refusedHouse({ watchesOutages: true });
  const outages = async () =>
    (await records.list('outage')).map(outageOf).filter((one) => one?.subject.kind === 'account');
  await pass(5_000);
  const before = await outages();
  expect(before).toMatchObject([{ reason: 'OPEN000001', endedAt: null }]);
  first.kill();
  await pass(60_000);
  expect(other.ownership.account(ACCOUNT)).toBe(true);
  expect(await outages()).toEqual(before);
  other.cloud.refusals.clear();
  await pass(11 * MINUTE_MS);
  expect(await outages()).toMatchObject([{ id: before[0]?.id, endedAt: expect.any(Date) as Date }]);
});

it('a process that is alone writes no record, and one that is left alone leaves none', async () => {
  const house = await replicaHouse();
  const first = await house.start('first');
  refuse(first);
  first.jobs.initialize();
  await house.pass(10_000);
  expect(saidBy(first).refused).not.toBeNull();
  const written = async (): Promise<number> =>
    (await house.records.list('account-state')).length + (await house.records.list('lease-steps')).length;
  expect(await written()).toBe(0);
  const second = await house.start('second');
  await house.pass(6_000);
  expect(await house.records.list('account-state')).toMatchObject([{ id: ACCOUNT, group: 'first' }]);
  expect(saidBy(second)).toEqual(saidBy(first));
  first.kill();
  await house.pass(30_000);
  expect(second.ownership.account(ACCOUNT)).toBe(true);
  expect(await house.records.list('account-state')).toEqual([]);
  expect(saidBy(second).refused?.code).toBe('OPEN000001');
});
