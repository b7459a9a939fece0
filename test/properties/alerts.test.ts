import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AlertFacts, OpenAlert } from '../../src/core/alerts/alert.js';
import { DEFAULT_ALERT_SETTINGS } from '../../src/core/alerts/alertSettings.js';
import { decideAlerts } from '../../src/core/alerts/alerts.js';
import type { Notification } from '../../src/core/alerts/notification.js';
import { aCamera, aLease, at, DAY, HOUR, MINUTE, SECOND } from '../support/builders.js';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const CAMERAS = IDS.map((id, index) =>
  aCamera({ id, name: id, labels: [index < 4 ? 'left' : 'right'], lease: aLease({ expiresAt: at(300 * DAY) }) }),
);

/** How long something lasts, who is dark in it, and what else is wrong. */
const spell = fc.record({
  minutes: fc.integer({ min: 1, max: 40 }),
  dark: fc.subarray(IDS),
  storeAway: fc.boolean(),
  engineAway: fc.boolean(),
  maintenance: fc.option(fc.record({ everything: fc.boolean(), cameraIds: fc.subarray(IDS) }), { nil: undefined }),
});

it('never has two alerts for one rule and subject, repeats no id, and tells the end of all it told', () => {
  fc.assert(
    fc.property(fc.array(spell, { minLength: 1, maxLength: 12 }), (spells) => {
      let open: readonly OpenAlert[] = [];
      const sent: Notification[] = [];
      const told = new Set<string>();
      const over = new Set<string>();
      const darkSince = new Map<string, number>();
      let ms = 0;
      const calm = { minutes: 60, dark: [], storeAway: false, engineAway: false, maintenance: undefined };
      for (const { minutes, dark, storeAway, engineAway, maintenance } of [...spells, calm]) {
        for (const id of IDS) {
          if (!dark.includes(id)) darkSince.delete(id);
          else if (!darkSince.has(id)) darkSince.set(id, ms);
        }
        const end = ms + minutes * MINUTE;
        const window = { id: 'w', from: at(ms), to: at(end), weekly: false, labels: [], accounts: [], note: '' };
        for (; ms < end; ms += 30 * SECOND) {
          const world: AlertFacts = {
            ...{ cameras: CAMERAS, accounts: [], forecast: null, freeDiskBytes: null, process: 'p', link: null },
            outages: [...darkSince].map(([id, since]) => ({
              ...{ id: `${id}${since}`, subject: { kind: 'camera' as const, id }, reason: 'X', message: 'X.' },
              ...{ beganAt: at(since), endedAt: null },
            })),
            storeProblem: storeAway ? 'Away.' : null,
            engineProblem: engineAway ? 'Away.' : null,
            ...{ engineDegraded: null, refusedStreams: new Map() },
            windows: maintenance ? [{ ...window, ...maintenance }] : [],
            unknown: new Set(engineAway ? ['camera-dark', 'group-dark'] : []),
          };
          const decision = decideAlerts(world, structuredClone(open), DEFAULT_ALERT_SETTINGS, at(ms));
          open = decision.open;
          sent.push(...decision.send);
          expect(new Set(open.map(({ rule, subject }) => `${rule} ${subject.kind} ${subject.id}`)).size).toBe(
            open.length,
          );
          if (maintenance?.everything === true) expect(decision.send).toEqual([]);
          for (const alert of open) if (alert.told) told.add(`${alert.id} ${alert.openedAt?.getTime()}`);
          for (const alert of decision.closed) {
            if (!alert.told) continue;
            over.add(`${alert.id} ${alert.openedAt?.getTime()}`);
            const names = decision.send.filter(({ kind }) => kind === 'recovery' || kind === 'summary');
            expect(names.flatMap(({ subjects }) => subjects)).toContainEqual(alert.subject);
          }
        }
      }
      expect(open).toEqual([]);
      expect(over).toEqual(told);
      expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
    }),
    { numRuns: 40 },
  );
}, 120_000);

it('says the same with the same ids when a crash loses the last look', () => {
  const world: AlertFacts = {
    ...{ cameras: CAMERAS, accounts: [], forecast: null, freeDiskBytes: null, process: 'p', link: null },
    outages: [
      { id: 'o', subject: { kind: 'camera', id: 'a' }, reason: 'X', message: 'X.', beganAt: at(0), endedAt: null },
    ],
    ...{ engineDegraded: null, refusedStreams: new Map() },
    ...{ storeProblem: null, engineProblem: null, windows: [], unknown: new Set() },
  };
  const first = decideAlerts(world, [], DEFAULT_ALERT_SETTINGS, at(HOUR));
  const again = decideAlerts(world, [], DEFAULT_ALERT_SETTINGS, at(HOUR + MINUTE));
  expect(first.send).toHaveLength(1);
  expect(again.send.map(({ id }) => id)).toEqual(first.send.map(({ id }) => id));
});
