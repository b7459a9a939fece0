import { describe, expect, it } from 'vitest';
import { aCamera, aUrlCamera } from '../../../test/support/builders.js';
import type { Camera } from '../camera/camera.js';
import { cameraId } from '../camera/cameraId.js';
import { planDiscovery, type Listed, type Listing } from './planDiscovery.js';

const gate: Listed = { deviceSerial: 'AB1234567', channel: 1, resourceId: 'resource-1', name: 'Gate', online: true };

function plan(existing: Camera[], listed: Listed[], more: Partial<Listing> = {}): ReturnType<typeof planDiscovery> {
  const listing = { account: 'hikvision', vendor: 'hikconnect', tombstones: [], complete: true } as const;
  return planDiscovery({ ...listing, formerNames: new Map(), existing, listed, ...more });
}

describe('what a listing means for the store', () => {
  it('creates what is new, with an id that only depends on vendor, serial and channel', () => {
    const id = cameraId('hikconnect', 'AB1234567', 1);
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(id).not.toContain('AB1234567');
    expect(plan([], [gate]).create).toEqual([
      {
        ...{ id, name: 'Gate', status: 'active' },
        source: {
          kind: 'cloud',
          vendor: 'hikconnect',
          account: 'hikvision',
          deviceSerial: 'AB1234567',
          channel: 1,
          resourceId: 'resource-1',
        },
      },
    ]);
  });

  it('creates an offline camera as offline', () => {
    expect(plan([], [{ ...gate, online: false }]).create).toMatchObject([{ status: 'offline' }]);
  });

  it('counts what is listed and stored alike', () => {
    expect(plan([aCamera()], [gate])).toMatchObject({ create: [], update: [], missing: [], unchanged: 1 });
  });

  it('takes a listing that names a camera twice for one camera', () => {
    expect(plan([], [gate, gate]).create).toHaveLength(1);
    const inOtherCase = { ...gate, deviceSerial: gate.deviceSerial.toLowerCase() };
    expect(plan([], [inOtherCase, gate]).create).toHaveLength(1);
    expect(plan([aCamera()], [gate, inOtherCase])).toMatchObject({ create: [], update: [], missing: [] });
  });

  it('takes the record that calls a twice listed camera online, else the first', () => {
    const off = { ...gate, resourceId: 'resource-2', online: false };
    for (const listed of [
      [off, gate],
      [gate, off],
    ]) {
      expect(plan([], listed).create).toMatchObject([{ status: 'active', source: { resourceId: 'resource-1' } }]);
    }
    expect(plan([], [gate, { ...gate, resourceId: 'resource-2' }]).create).toMatchObject([
      { source: { resourceId: 'resource-1' } },
    ]);
  });

  it('calls a camera without a name by its serial until the vendor has one', () => {
    expect(plan([], [{ ...gate, name: '' }]).create).toMatchObject([{ name: 'AB1234567' }]);
    const unnamed = aCamera({ name: 'AB1234567' });
    expect(plan([unnamed], [gate]).update).toEqual([{ id: unnamed.id, name: 'Gate' }]);
  });

  it('cleans a name that was stored before names were cleaned', () => {
    const raw = aCamera({ name: ' Ga\u202Ete\n ' });
    expect(plan([raw], [{ ...gate, name: 'Ga te' }]).update).toEqual([{ id: raw.id, name: 'Ga te' }]);
  });

  describe('beside a document that is left out', () => {
    const document = { id: 'gate', deviceSerials: ['ab1234567 '], channel: 1, resourceId: '', message: 'm', cure: 'c' };
    const second = { ...gate, channel: 2, resourceId: 'resource-2' };

    it('creates no camera of its device and channel, and all others', () => {
      expect(plan([], [gate, second], { leftOut: [document] }).create).toMatchObject([{ source: { channel: 2 } }]);
    });

    it('creates none where it names no channel and the device leaves no choice', () => {
      const unclear = { ...document, channel: null };
      expect(plan([], [gate], { leftOut: [unclear] }).create).toEqual([]);
      const byResource = { ...unclear, resourceId: 'resource-2' };
      expect(plan([], [gate, second], { leftOut: [byResource] }).create).toMatchObject([{ source: { channel: 1 } }]);
    });
  });

  it('knows a serial that a person wrote in another case, and stores it as the vendor does', () => {
    const camera = aCamera({ source: { ...aCamera().source, account: null, deviceSerial: ' ab1234567' } });
    const { create, update } = plan([camera], [gate]);
    expect(create).toEqual([]);
    expect(update).toMatchObject([{ id: camera.id, source: { account: 'hikvision', deviceSerial: 'AB1234567' } }]);
  });

  it('takes a document that names no vendor for a camera of whichever cloud lists it', () => {
    const camera = aCamera({ source: { ...aCamera().source, account: null } });
    const ofEzviz = { account: 'home', vendor: 'ezviz' } as const;
    expect(plan([camera], [gate], ofEzviz)).toMatchObject({
      create: [],
      update: [{ id: camera.id, source: { account: 'home', vendor: 'ezviz' } }],
    });
    expect(plan([aCamera()], [gate], ofEzviz).create).toHaveLength(1);
  });

  it('follows a resource id that changed', () => {
    expect(plan([aCamera()], [{ ...gate, resourceId: 'resource-2' }]).update).toEqual([
      { id: aCamera().id, source: { ...aCamera().source, resourceId: 'resource-2' } },
    ]);
  });

  it('marks what is not listed any more as missing, once', () => {
    expect(plan([aCamera()], []).missing).toEqual([aCamera().id]);
    expect(plan([aCamera({ status: 'missing' })], []).missing).toEqual([]);
  });

  it('calls nothing missing on single pages of a listing', () => {
    expect(plan([aCamera()], [], { complete: false }).missing).toEqual([]);
  });

  it('leaves cameras of other accounts alone', () => {
    const other = aCamera({ source: { account: 'second', deviceSerial: 'ZZ1' } });
    expect(plan([other], [])).toMatchObject({ update: [], missing: [] });
  });

  it('brings a returning camera back', () => {
    expect(plan([aCamera({ status: 'missing' })], [{ ...gate, online: null }]).update).toEqual([
      { id: aCamera().id, status: 'active' },
    ]);
  });

  it('keeps what it knows when the listing does not say whether a camera is online', () => {
    expect(plan([aCamera({ status: 'offline' })], [{ ...gate, online: null }]).unchanged).toBe(1);
  });

  it("keeps the operator's disabled", () => {
    expect(plan([aCamera({ status: 'disabled' })], [{ ...gate, online: false }]).unchanged).toBe(1);
    expect(plan([aCamera({ status: 'disabled' })], []).missing).toEqual([]);
  });

  it('does not bring a deleted camera back', () => {
    const tombstones = [{ account: 'hikvision', deviceSerial: 'AB1234567', channel: 1 }];
    expect(plan([], [gate, { ...gate, channel: 2 }], { tombstones }).create).toMatchObject([
      { source: { channel: 2 } },
    ]);
  });

  it('gives a hand-made camera its account and keeps its name', () => {
    const handMade = aCamera({
      ...{ id: 'front-door', name: 'My door', origin: 'hand-made' },
      source: { account: null, resourceId: '' },
    });
    expect(plan([handMade], [gate])).toMatchObject({
      create: [],
      update: [{ id: 'front-door', source: { account: 'hikvision', resourceId: 'resource-1' } }],
    });
    expect(plan([handMade], [gate]).update[0]).not.toHaveProperty('name');
  });

  it('finds the channel of a hand-made camera by its resource id', () => {
    const handMade = aCamera({
      origin: 'hand-made',
      source: { account: null, channel: null, resourceId: 'resource-2' },
    });
    const second = { ...gate, channel: 2, resourceId: 'resource-2' };
    expect(plan([handMade], [gate, second])).toMatchObject({
      create: [{ source: { channel: 1 } }],
      update: [{ id: handMade.id, source: { channel: 2 } }],
    });
  });

  it('does not guess the channel of a hand-made camera on a device with several', () => {
    const handMade = aCamera({ origin: 'hand-made', source: { account: null, channel: null, resourceId: '' } });
    expect(plan([handMade], [gate, { ...gate, channel: 2, resourceId: 'r2' }])).toMatchObject({ update: [] });
  });

  it('leaves a camera that two accounts see with the first, until it is missing there', () => {
    const first = aCamera({ source: { account: 'first' } });
    expect(plan([first], [gate])).toMatchObject({ create: [], update: [], unchanged: 1 });
    const gone = aCamera({ status: 'missing', source: { account: 'first' } });
    expect(plan([gone], [gate]).update).toMatchObject([{ status: 'active', source: { account: 'hikvision' } }]);
  });

  it('follows a name that changed in the vendor app, but not over a name that a person gave', () => {
    const renamedThere = [{ ...gate, name: 'North gate' }];
    const formerNames = new Map([[aCamera().id, 'Gate']]);
    expect(plan([aCamera()], renamedThere, { formerNames }).update).toEqual([{ id: aCamera().id, name: 'North gate' }]);
    expect(plan([aCamera({ name: 'Mine' })], renamedThere, { formerNames }).update).toEqual([]);
    expect(plan([aCamera()], renamedThere).update).toEqual([]);
  });
});

it('a camera with an address of its own is in no listing: neither found in it, nor missing from it', () => {
  const yard = aUrlCamera();
  expect(plan([yard], [gate])).toMatchObject({ create: [{ name: 'Gate' }], update: [], missing: [], unchanged: 0 });
});
