import { describe, expect, it } from 'vitest';
import { faultSentence, readEntry } from './feedEntry.js';
import { readCsv } from './csvRows.js';
import { readMasterItems } from './masterItems.js';

const read = (fields: object): unknown => {
  const { entry, fault } = readEntry({ name: 'Gate', url: 'rtsp://10.0.0.5/1', ...fields }, 'entry 1');
  if (fault !== null) return faultSentence(fault);
  return Object.fromEntries(Object.entries(entry.settings).filter(([field]) => field !== 'name'));
};
const PLACE = { about: { coordinates: { lat: 51.38, lng: -2.36 } } };

describe('what an entry says of its camera', () => {
  it.each([
    [{ sound: 'off' }, { sound: 'off' }],
    [{ sound: false }, { sound: 'off' }],
    [{ sound: 'ON' }, { sound: 'on' }],
    [{ location: ' North gate ', city: 7 }, { about: { location: 'North gate', city: '7' } }],
    [{ coordinates: { lat: 51.38, lng: -2.36 } }, PLACE],
    [{ coordinates: '{"lat": 51.38, "lng": "-2.36"}' }, PLACE],
    [{ coordinates: '51.38, -2.36' }, PLACE],
    [{ lat: '51,38', lng: '-2,36' }, PLACE],
    [{ lat: 0, lng: 1e-7 }, { about: { coordinates: { lat: 0, lng: 1e-7 } } }],
    [{ coordinates: { lat: null, lng: null } }, {}],
    [{ lat: '', lng: '', location: '' }, {}],
    [
      { attributes: { floor: 2, isIndoor: true, owner: null } },
      { about: { attributes: { floor: '2', isIndoor: 'true' } } },
    ],
    [{ attributes: 'floor=2; owner = Parks=East;' }, { about: { attributes: { floor: '2', owner: 'Parks=East' } } }],
    [{ attributes: '{"floor": "2"}' }, { about: { attributes: { floor: '2' } } }],
    [{ attributes: {} }, { about: { attributes: {} } }],
  ])('%j is read', (fields, settings) => {
    expect(read(fields)).toEqual(settings);
  });

  it.each([
    [{ sound: 'loud' }, 'has a sound that is neither on nor off.'],
    [{ city: 'x'.repeat(201) }, 'has a city of more than 200 characters.'],
    [{ location: 'a\u0007' }, 'has a location that cannot be read.'],
    [{ coordinates: { lat: 91, lng: 0 } }, 'has coordinates that are no degrees'],
    [{ coordinates: [51, -2] }, 'has coordinates that are no degrees'],
    [{ coordinates: '1, 2, 3' }, 'has coordinates that are no degrees'],
    [{ lat: 51 }, 'has coordinates that are no degrees'],
    [{ lat: 1, lng: 2, coordinates: { lat: 1, lng: 2 } }, 'has coordinates beside lat and lng'],
    [{ attributes: 'floor 2' }, 'has attributes that cannot be read'],
    [{ attributes: { 'a.b': 'x' } }, 'has attributes that cannot be read'],
    [{ attributes: { $where: 'x' } }, 'has attributes that cannot be read'],
    [{ attributes: { a: { b: 1 } } }, 'has attributes that cannot be read'],
    [{ attributes: ['a'] }, 'has attributes that cannot be read'],
    [{ attributes: { a: 'x'.repeat(201) } }, 'has attributes that cannot be read'],
    [
      { attributes: Object.fromEntries(Array.from({ length: 31 }, (_no, at) => [`a${at}`, 'x'])) },
      'has attributes that',
    ],
  ])('%j is told', (fields, message) => {
    expect(read(fields)).toContain(`Entry 1, "Gate", ${message}`);
  });

  it('has columns of its own in a table', () => {
    const table =
      'name;url;Sound;Location;City;Lat;Lng;Attributes\n' +
      'Gate;rtsp://10.0.0.5/1;off;North gate;Bath;51,38;-2,36;"floor=2; owner=Parks"\n';
    const rows = readCsv(table);
    expect(rows.problem === null && rows.rows[0]?.entry?.settings).toEqual({
      ...{ name: 'Gate', sound: 'off' },
      about: {
        ...{ location: 'North gate', city: 'Bath', coordinates: { lat: 51.38, lng: -2.36 } },
        attributes: { floor: '2', owner: 'Parks' },
      },
    });
  });

  it('is found in the items of a master list', () => {
    const fields = { key: 'id', url: 'url', lat: 'geo.lat', lng: 'geo.lon', city: 'town', attributes: 'more' };
    const items = [{ id: 1, url: 'rtsp://10.0.0.5/1', geo: { lat: 51.38, lon: -2.36 }, town: 'Bath', more: { a: 1 } }];
    const read = readMasterItems(JSON.stringify(items), { items: null, login: null, fields });
    expect(read.problem === null && read.rows[0]?.entry?.settings).toEqual({
      name: '1',
      about: { ...PLACE.about, city: 'Bath', attributes: { a: '1' } },
    });
  });
});
