import { describe, expect, it, onTestFinished } from 'vitest';
import { aCamera, aLease, at, DAY, HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { AlertSender, Notification } from '../../alerts/sender.js';
import { DEFAULT_ALERT_SETTINGS } from '../../core/alerts/alertSettings.js';
import { AppError } from '../../core/errors.js';
import type { Outage } from '../../core/outages/outage.js';
import type { RecordTable, StoredRecord } from '../../store/recordTable.js';
import { Alerts, type AlertsDeps } from './alerts.js';

/** A record table in memory that can be away. */
class Records implements RecordTable {
  readonly kept = new Map<string, StoredRecord>();
  away = false;

  async get(kind: StoredRecord['kind'], id: string): Promise<StoredRecord | null> {
    this.#reach();
    return this.kept.get(`${kind} ${id}`) ?? null;
  }

  async list(kind: StoredRecord['kind'], query: { group?: string; from?: Date } = {}): Promise<StoredRecord[]> {
    this.#reach();
    return [...this.kept.values()]
      .filter(
        (one) => one.kind === kind && (query.group ?? one.group) === one.group && (query.from ?? one.at) <= one.at,
      )
      .sort((a, b) => b.at.getTime() - a.at.getTime());
  }

  async put(record: Omit<StoredRecord, 'version'>, expected: number): Promise<boolean> {
    this.#reach();
    this.kept.set(`${record.kind} ${record.id}`, { ...record, version: expected + 1 });
    return true;
  }

  async putMany(records: ReadonlyArray<Omit<StoredRecord, 'version'>>): Promise<void> {
    for (const record of records) await this.put(record, 0);
  }

  async remove(kind: StoredRecord['kind'], id: string): Promise<boolean> {
    this.#reach();
    return this.kept.delete(`${kind} ${id}`);
  }

  async dropBefore(): Promise<void> {
    this.#reach();
  }

  #reach(): void {
    if (this.away) throw new AppError('STORE_UNREACHABLE', 'The store is away.');
  }
}

/** A sender that can be broken, and keeps what it was sent. */
class FakeSender implements AlertSender {
  readonly name: string;
  readonly kind = 'webhook';
  readonly got: Notification[] = [];
  broken = false;

  constructor(name = 'ops') {
    this.name = name;
  }

  describe(): string {
    return 'hooks.test';
  }

  async send(notification: Notification): Promise<void> {
    if (this.broken) throw new AppError('ALERT_NOT_SENT', 'hooks.test answered 500.', { cure: 'Look there.' });
    this.got.push(notification);
  }

  get titles(): string[] {
    return this.got.map(({ kind, title }) => `${kind}: ${title}`);
  }
}

interface World {
  outages: Outage[];
  engineReady: boolean;
  owns: boolean;
}

function rig(parts: { clock?: TurnedClock; records?: Records; senders?: FakeSender[]; owner?: string } = {}) {
  const clock = parts.clock ?? new TurnedClock();
  const records = parts.records ?? new Records();
  const senders = parts.senders ?? [new FakeSender()];
  const world: World = { outages: [], engineReady: true, owns: true };
  const cameras = [aCamera({ id: 'a', lease: aLease({ expiresAt: at(90 * DAY) }) })];
  let ids = 0;
  const deps: AlertsDeps = {
    clock,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
      child: () => deps.log,
    },
    owner: parts.owner ?? 'node-1',
    newId: () => `id-${++ids}`,
    store: { peekAll: () => cameras },
    records,
    engine: {
      status: () => ({ kind: 'mediamtx', version: null, ready: world.engineReady, problem: 'MediaMTX is away.' }),
    },
    accounts: () => [],
    engineState: () => ({ refused: new Map(), problem: null }),
    openOutages: () => world.outages,
    forecast: () => null,
    ownership: { account: () => world.owns, engine: () => world.owns, onChange: () => () => undefined },
  };
  const options = { settings: DEFAULT_ALERT_SETTINGS, senders, freeDiskBytes: async () => 50e9, link: null };
  const alerts = new Alerts(deps, options);
  alerts.start();
  onTestFinished(() => clock.runUntil(alerts.stop()));
  return { clock, records, world, alerts, sender: senders[0] ?? new FakeSender(), senders };
}

function darkSince(moment: Date): Outage {
  const subject = { kind: 'camera' as const, id: 'a' };
  return { id: 'o', subject, reason: 'NOTHING_COMES', message: 'Nothing comes.', beganAt: moment, endedAt: null };
}

describe('alerts', () => {
  it('tell of a dark camera and of its recovery, and show both', async () => {
    const { clock, world, sender, alerts } = rig();
    world.outages = [darkSince(clock.now())];
    await clock.advance(6 * MINUTE);
    expect(sender.titles).toEqual(['alert: Gate is dark']);
    expect((await alerts.list()).open.map(({ title }) => title)).toEqual(['Gate is dark']);
    world.outages = [];
    await clock.advance(4 * MINUTE);
    expect(sender.titles).toEqual(['alert: Gate is dark', 'recovery: Over: Gate is dark']);
    const { open, closed, senders } = await alerts.list();
    expect(open).toEqual([]);
    expect(closed).toHaveLength(1);
    expect(senders).toMatchObject([{ name: 'ops', to: 'hooks.test', failure: null, waiting: 0 }]);
  });

  it('say that nobody was told while no sender took the message, and when one did', async () => {
    const sentAt = async ({ alerts }: ReturnType<typeof rig>): Promise<Date | null | undefined> =>
      (await alerts.list()).open[0]?.sentAt;
    const alone = rig({ senders: [] });
    alone.world.outages = [darkSince(alone.clock.now())];
    await alone.clock.advance(10 * MINUTE);
    expect((await alone.alerts.list()).open).toHaveLength(1);
    expect(await sentAt(alone)).toBeNull();

    const first = rig();
    first.sender.broken = true;
    first.world.outages = [darkSince(first.clock.now())];
    await first.clock.advance(6 * MINUTE);
    expect(await sentAt(first)).toBeNull();
    await first.clock.runUntil(first.alerts.stop());
    const second = rig({ clock: first.clock, records: first.records });
    second.world.outages = first.world.outages;
    await second.clock.advance(5 * MINUTE);
    expect(second.sender.titles).toEqual(['alert: Gate is dark']);
    expect(await sentAt(second)).toBeInstanceOf(Date);
  });

  it('neither repeat nor forget over a restart', async () => {
    const first = rig();
    first.world.outages = [darkSince(first.clock.now())];
    await first.clock.advance(6 * MINUTE);
    await first.clock.runUntil(first.alerts.stop());
    const second = rig({ clock: first.clock, records: first.records });
    second.world.outages = first.world.outages;
    await second.clock.advance(HOUR);
    expect(second.sender.titles).toEqual([]);
    second.world.outages = [];
    await second.clock.advance(5 * MINUTE);
    expect(second.sender.titles).toEqual(['recovery: Over: Gate is dark']);
  });

  it('that could not be sent are sent after a restart, with the same id', async () => {
    const first = rig();
    first.sender.broken = true;
    first.world.outages = [darkSince(first.clock.now())];
    await first.clock.advance(6 * MINUTE);
    const [state] = (await first.alerts.list()).senders;
    expect(state).toMatchObject({ waiting: 1, failure: { message: 'hooks.test answered 500.', cure: 'Look there.' } });
    const kept = [...first.records.kept.values()].find(({ kind }) => kind === 'alert-outbox');
    await first.clock.runUntil(first.alerts.stop());

    const second = rig({ clock: first.clock, records: first.records });
    second.world.outages = first.world.outages;
    await second.clock.advance(MINUTE);
    expect(second.sender.titles).toEqual(['alert: Gate is dark']);
    expect(second.sender.got[0]?.id).toBe(kept?.id);
    expect([...first.records.kept.values()].filter(({ kind }) => kind === 'alert-outbox')).toEqual([]);
  });

  it('that one sender does not take are tried again, and reach the other one at once', async () => {
    const senders = [new FakeSender('first'), new FakeSender('second')];
    const { clock, world, alerts, sender } = rig({ senders });
    sender.broken = true;
    world.outages = [darkSince(clock.now())];
    await clock.advance(6 * MINUTE);
    expect(senders.map(({ got }) => got.length)).toEqual([0, 1]);
    sender.broken = false;
    await clock.advance(5 * MINUTE);
    expect(senders.map(({ got }) => got.length)).toEqual([1, 1]);
    expect((await alerts.list()).senders.map(({ failure }) => failure)).toEqual([null, null]);
  });

  it('go on from memory while the store is away, which they tell too', async () => {
    const { clock, world, records, sender, alerts } = rig();
    await clock.advance(MINUTE);
    records.away = true;
    world.outages = [darkSince(clock.now())];
    await clock.advance(6 * MINUTE);
    expect(sender.titles).toEqual(['alert: The store does not answer', 'alert: Gate is dark']);
    expect((await alerts.list()).open).toHaveLength(2);
    records.away = false;
    await clock.advance(10 * MINUTE);
    expect(sender.titles.slice(2)).toEqual(['recovery: Over: The store does not answer']);
    expect((await alerts.list()).open.map(({ title }) => title)).toEqual(['Gate is dark']);
    expect([...records.kept.values()].filter(({ kind }) => kind === 'alert')).toHaveLength(2);
  });

  it('keep quiet in a window, over a restart too, and speak when it is ended by hand', async () => {
    const first = rig();
    const scope = { everything: true, cameraIds: [], labels: [], accounts: [] };
    const times = { from: first.clock.now(), to: at(DAY), weekly: false, note: '' };
    const { id } = await first.alerts.windows.add({ ...scope, ...times });
    first.world.outages = [darkSince(first.clock.now())];
    await first.clock.advance(HOUR);
    await first.clock.runUntil(first.alerts.stop());
    const second = rig({ clock: first.clock, records: first.records });
    second.world.outages = first.world.outages;
    await second.clock.advance(HOUR);
    expect([first.sender.titles, second.sender.titles]).toEqual([[], []]);
    expect(await second.alerts.windows.remove(id)).toBe(true);
    await second.clock.advance(20 * SECOND);
    expect(second.sender.titles).toEqual(['alert: Gate is dark']);
  });

  it('of what all processes see are told by one of them, and by the next one when that dies', async () => {
    const first = rig();
    const second = rig({ clock: first.clock, records: first.records, owner: 'node-2' });
    second.world.owns = false;
    first.world.outages = second.world.outages = [darkSince(first.clock.now())];
    await first.clock.advance(6 * MINUTE);
    expect([first.sender.titles, second.sender.titles]).toEqual([['alert: Gate is dark'], []]);
    expect((await second.alerts.list()).open).toHaveLength(1);
    await first.clock.runUntil(first.alerts.stop());
    second.world.owns = true;
    await second.clock.advance(HOUR);
    expect(second.sender.titles).toEqual([]);
    second.world.outages = [];
    await second.clock.advance(5 * MINUTE);
    expect(second.sender.titles).toEqual(['recovery: Over: Gate is dark']);
  });

  it('are tested through one sender or all of them, each with its own answer', async () => {
    const senders = [new FakeSender('first'), new FakeSender('second')];
    const { alerts, clock } = rig({ senders });
    senders.forEach((sender, index) => (sender.broken = index === 1));
    const results = await clock.runUntil(alerts.test(null, new AbortController().signal));
    expect(results).toMatchObject([
      { sender: 'first', failure: null },
      { sender: 'second', failure: { message: 'hooks.test answered 500.', cure: 'Look there.' } },
    ]);
    expect(await clock.runUntil(alerts.test('first', new AbortController().signal))).toHaveLength(1);
    expect(senders[0]?.titles).toEqual(['test: A test of camlease', 'test: A test of camlease']);
  });
});
