import { beforeEach, describe, expect, it } from 'vitest';
import { aCamera, aLease, T0 } from '../../../test/support/builders.js';
import { serve, type TestClient } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';

const ID = '0123456789abcdef01234567';
const NOTES = {
  location: 'Deck 3',
  city: '부산',
  coordinates: { lat: 35.1, lng: 129.04 },
  members: ['507f1f77bcf86cd799439011'],
  attributes: { zone: 'north' },
};

describe('notes about a camera, and clients of the Hikvision guide', () => {
  let house: FakeHouse;
  let client: TestClient;
  beforeEach(async () => {
    house = fakeHouse();
    client = await serve(house);
    house.stored.set(ID, aCamera({ id: ID, lease: aLease() }));
  });
  const cameraOf = async (path = `/api/camera/${ID}`): Promise<Record<string, unknown>> => {
    const { json } = await client.send('GET', path);
    return (json as { camera: Record<string, unknown> }).camera;
  };
  const put = (body: unknown) => client.send('PUT', `/api/camera/${ID}`, { body });

  it('are an object of coordinates and no AQI data before anything is noted, with _id beside id', async () => {
    expect(await cameraOf()).toMatchObject({
      ...{ _id: ID, id: ID, aqiData: null, location: null, city: null, image: null, members: [], attributes: {} },
      coordinates: { lat: null, lng: null },
    });
  });

  it('are stored, shown in camera and /live, and found by a search; the key is never shown', async () => {
    const { status, json } = await put({ ...NOTES, aqi_api_key: 'key-of-air' });
    expect([status, json]).toMatchObject([200, { message: 'Camera updated', camera: NOTES }]);
    expect(house.stored.get(ID)?.about.aqiApiKey).toBe('key-of-air');
    const live = await client.send('GET', `/api/camera/${ID}/live`);
    const { location, city, members } = NOTES;
    expect(live.json).toMatchObject({
      cameraInfo: { name: 'Gate', status: 'active', location, city, image: null, members },
    });
    for (const word of ['deck 3', '부산', '507f1f77', 'NORTH']) {
      const found = await client.send('GET', `/api/camera?includeAQI=true&search=${encodeURIComponent(word)}`);
      expect(found.json).toMatchObject({ total: 1 });
      expect(JSON.stringify(found.json)).not.toContain('key-of-air');
    }
    expect((await client.send('GET', '/api/camera?search=elsewhere')).json).toMatchObject({ total: 0 });
  });

  it('are taken as JSON text, and taken back by empty values', async () => {
    await put({ ...NOTES, coordinates: '{"lat":"31.5","lng":74.3}', members: '["u-1"]' });
    expect(await cameraOf()).toMatchObject({ coordinates: { lat: 31.5, lng: 74.3 }, members: ['u-1'] });
    await put({ location: '', city: null, coordinates: { lat: null, lng: null }, members: [], attributes: {} });
    expect(house.stored.get(ID)?.about).toMatchObject({ location: null, city: null, coordinates: null, members: [] });
  });

  it.each([
    ['a place off the globe', { coordinates: { lat: 91, lng: 0 } }],
    ['a place in words', { coordinates: 'north' }],
    ['a member that is an operator', { members: [{ $ne: null }] }],
    ['a key with a dot', { attributes: { 'a.b': 'x' } }],
    ['a key with a dollar', { attributes: { $where: 'x' } }],
    ['too many attributes', { attributes: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`k${i}`, 'x'])) }],
    ['a long value', { attributes: { a: 'x'.repeat(201) } }],
    ['a nested value', { attributes: { a: { b: 'c' } } }],
    ['a long city', { city: 'x'.repeat(201) }],
    ['an address of a picture', { image: 'https://elsewhere.test/x.svg' }],
    ['too many members', { members: Array.from({ length: 101 }, (_, i) => `u${i}`) }],
  ])('are refused with %s', async (_name, body) => {
    const { status, json } = await put(body);
    expect([status, json]).toMatchObject([400, { success: false, error: { code: 'REQUEST_INVALID' } }]);
    expect((json as { message: string }).message).not.toBe('');
    expect(house.stored.get(ID)?.about.city).toBeNull();
  });

  it('a form that sends everything back changes the name alone', async () => {
    await put({ ...NOTES, aqi_api_key: 'key-of-air' });
    const before = house.stored.get(ID);
    const read = await cameraOf();
    expect(read['rtmpPath']).toContain('***');
    expect((await put({ ...read, name: 'Back gate' })).status).toBe(200);
    expect(house.stored.get(ID)).toMatchObject({ ...before, name: 'Back gate', updatedAt: expect.any(Date) as Date });
    expect((await put(await cameraOf())).status).toBe(200);
  });

  it('takes their two words for a status, and leaves what a listing says', async () => {
    expect((await put({ status: 'active' })).status).toBe(200);
    expect(await cameraOf()).toMatchObject({ status: 'active' });
    await put({ status: 'inactive' });
    expect(await cameraOf()).toMatchObject({ status: 'disabled' });
    await put({ status: 'active' });
    expect(await cameraOf()).toMatchObject({ status: 'active' });
    house.stored.set(ID, aCamera({ id: ID, status: 'offline' }));
    await put({ status: 'active' });
    expect(await cameraOf()).toMatchObject({ status: 'offline' });
  });

  it('lists the enabled ones by their route, without a token', async () => {
    house.stored.set('off', aCamera({ id: 'off', enabled: false }));
    house.stored.set('away', aCamera({ id: 'away', status: 'offline' }));
    const { json } = await client.send('GET', '/api/hikvision/status');
    expect(json).toMatchObject({ success: true, count: 2 });
    const { cameras } = json as { cameras: Array<Record<string, unknown>> };
    expect(cameras.map(({ _id, status }) => [_id, status])).toEqual([
      [ID, 'active'],
      ['away', 'inactive'],
    ]);
    expect(JSON.stringify(json)).not.toContain('expire=');
  });

  it('enables and disables by their routes', async () => {
    const at = (what: string, id = ID) => `/api/hikvision/camera/${id}/${what}`;
    const device = { deviceSerial: 'AB1234567', resourceId: 'r-9' };
    expect((await client.send('PATCH', at('disable'))).json).toMatchObject({ message: 'Camera disabled' });
    expect(house.stored.get(ID)?.enabled).toBe(false);
    const without = await client.send('PATCH', at('enable'), { body: { deviceSerial: 'AB1234567' } });
    expect([without.status, without.json]).toMatchObject([
      400,
      { success: false, message: expect.stringContaining('resourceId') as string },
    ]);
    const unknown = await client.send('PATCH', at('enable', 'f'.repeat(24)), { body: device });
    expect([unknown.status, unknown.json]).toMatchObject([404, { success: false, message: 'Camera not found' }]);
    expect((await client.send('PATCH', at('enable'), { body: device })).json).toMatchObject({
      message: 'Camera enabled',
    });
    expect(house.stored.get(ID)).toMatchObject({ enabled: true, source: { resourceId: 'r-9' } });
    const other = await client.send('PATCH', at('enable'), { body: { ...device, deviceSerial: 'CD7654321' } });
    expect(other.status).toBe(400);
  });

  it('gives all cameras when no limit is named', async () => {
    for (let index = 0; index < 150; index += 1) house.stored.set(`c${index}`, aCamera({ id: `c${index}` }));
    const { json } = await client.send('GET', '/api/camera');
    expect((json as { cameras: unknown[] }).cameras).toHaveLength(151);
  });

  it('answers DELETE and what does not exist with their messages', async () => {
    expect((await client.send('DELETE', `/api/camera/${ID}`)).json).toMatchObject({
      success: true,
      message: 'Camera deleted',
    });
    const { status, json } = await client.send('GET', `/api/camera/${ID}`);
    expect([status, json]).toMatchObject([
      404,
      { success: false, message: 'Camera not found', error: { code: 'CAMERA_NOT_FOUND' } },
    ]);
  });

  it('makes a camera of a cloud of an rtmpPath that names its device', async () => {
    const rtmpPath = aLease({ expiresAt: new Date(Date.now() + 1e9), renewAt: T0 }).url;
    const body = { name: 'Gate 2', status: 'inactive', city: 'Busan', rtmpPath, hikvisionDeviceSerial: '' };
    const { status, json } = await client.send('POST', '/api/camera', { body: { ...body, hikvisionResourceId: '' } });
    const made = { hikvisionDeviceSerial: 'AB1234567', channel: 1, city: 'Busan', status: 'active' };
    expect([status, json]).toMatchObject([201, { message: 'Camera created', camera: made }]);
    expect(JSON.stringify(json)).not.toContain('expire=');
  });
});
