import { describe, expect, it } from 'vitest';
import { demoFleet, makeFleet } from './index.js';

describe('a made fleet', () => {
  it('is the same for the same seed and another for another', () => {
    const ids = (seed: string) =>
      makeFleet({ cameras: 20, vendor: 'both', seed })
        .cameras()
        .map(({ id }) => id);
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('a')).not.toEqual(ids('b'));
  });

  it('has as many cameras as asked for, each with refs and ids of its own, spread over vendors and accounts', () => {
    const fleet = makeFleet({ cameras: 1203, vendor: 'both', accountsPerVendor: 2 });
    const cameras = fleet.cameras();
    expect(cameras).toHaveLength(1203);
    expect(new Set(cameras.map(({ ref }) => ref)).size).toBe(1203);
    expect(new Set(cameras.map(({ id }) => id)).size).toBe(1203);
    expect(fleet.accounts.map(({ name }) => [name, fleet.cameras(name).length])).toEqual([
      ['hikvision', 301],
      ['hikvision-2', 301],
      ['ezviz', 301],
      ['ezviz-2', 300],
    ]);
    expect(cameras.every(({ serial, id }) => /^[JC]\d{8}$/.test(serial) && /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });

  it('for the demo has nine named cameras at both vendors', () => {
    const fleet = demoFleet();
    expect(fleet.cameras().map(({ name }) => name)).toContain('Gate');
    expect(fleet.cameras('hikvision').length + fleet.cameras('ezviz').length).toBe(9);
    expect(new Set(fleet.cameras().map(({ clipKey }) => clipKey)).size).toBe(9);
  });

  it('complains about a camera or account that it does not have', () => {
    expect(() => makeFleet().camera('Cellar')).toThrow('There is no camera "Cellar" in this fleet.');
    expect(() => makeFleet().setAccountFault('nobody', 'busy', true)).toThrow('There is no account "nobody"');
  });
});
