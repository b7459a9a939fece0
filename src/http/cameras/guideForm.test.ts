import { beforeEach, describe, expect, it } from 'vitest';
import { aCamera, aLease } from '../../../test/support/builders.js';
import { serve, type Reply, type TestClient } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';

const ID = '0123456789abcdef01234567';

describe('a form of the Hikvision guide', () => {
  let house: FakeHouse;
  let client: TestClient;
  beforeEach(async () => {
    house = fakeHouse();
    client = await serve(house);
    house.stored.set(ID, aCamera({ id: ID, lease: aLease() }));
  });

  async function send(method: string, path: string, fields: object, file?: string): Promise<Reply> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
    if (file !== undefined) form.append('image', new Blob([file]), 'x.svg');
    const request = new Request('http://h/', { method: 'POST', body: form });
    const headers = { 'content-type': request.headers.get('content-type') ?? '' };
    return client.send(method, path, { headers, body: await request.text() });
  }

  it('makes a camera, with JSON in its texts', async () => {
    const fields = { name: 'Yard', status: 'inactive', location: 'Deck 3', city: '', aqi_api_key: 'key-of-air' };
    const more = { coordinates: '{"lat":31.5,"lng":74.3}', members: '["u-1"]', hikvisionDeviceSerial: 'CD1234567' };
    const { status, json } = await send('POST', '/api/camera', { ...fields, ...more, hikvisionResourceId: '' });
    const camera = { location: 'Deck 3', city: null, coordinates: { lat: 31.5, lng: 74.3 }, members: ['u-1'] };
    expect([status, json]).toMatchObject([201, { success: true, message: 'Camera created', camera }]);
    expect(JSON.stringify(json)).not.toContain('key-of-air');
  });

  it('changes the name alone when the rest is sent back as it was shown', async () => {
    const first = { location: 'Deck 3', coordinates: { lat: 1, lng: 2 }, members: ['u-1'], aqi_api_key: 'key-of-air' };
    await client.send('PUT', `/api/camera/${ID}`, { body: first });
    const before = house.stored.get(ID);
    const { json } = await client.send('GET', `/api/camera/${ID}`);
    const { camera } = json as { camera: Record<string, unknown> };
    const { rtmpPath, status, location, city, hikvisionDeviceSerial, hikvisionResourceId, image } = camera;
    const sent = { rtmpPath, status, location, city, hikvisionDeviceSerial, hikvisionResourceId, image };
    const asText = { coordinates: JSON.stringify(camera['coordinates']), members: JSON.stringify(camera['members']) };
    const form = { ...sent, ...asText, aqi_api_key: undefined, hikvisionEnabled: true, name: 'Back gate' };
    expect((await send('PUT', `/api/camera/${ID}`, form)).status).toBe(200);
    expect(house.stored.get(ID)).toEqual({ ...before, name: 'Back gate', updatedAt: expect.any(Date) as Date });
  });

  it.each([
    ['a file that is no picture', { name: 'x' }, '<svg/>', 'no picture'],
    ['a picture of more than 2 MB', { name: 'x' }, '\xff\xd8\xff'.padEnd(2 * 1024 * 1024 + 1), '2 MB'],
    ['a field of ours', { lease: '{}' }, undefined, 'lease'],
    ['a field of the prototype', { 'constructor[prototype]': 'x' }, undefined, 'constructor'],
    [
      'more fields than a camera has',
      Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`f${i}`, 'x'])),
      undefined,
      'form',
    ],
    ['a huge field', { name: 'x'.repeat(70_000) }, undefined, 'form'],
  ])('is refused with %s, and changes nothing', async (_name, fields, file, says) => {
    const before = house.stored.get(ID);
    const { status, json } = await send('PUT', `/api/camera/${ID}`, fields, file);
    expect([status, json]).toMatchObject([says === '2 MB' ? 413 : 400, { success: false }]);
    expect((json as { message: string }).message).toContain(says);
    expect(house.stored.get(ID)).toBe(before);
  });

  it('is refused with two files, and with a file in another field', async () => {
    for (const names of [['image', 'image'], ['avatar']]) {
      const form = new FormData();
      for (const name of names) form.append(name, new Blob(['x']), 'x.png');
      const request = new Request('http://h/', { method: 'POST', body: form });
      const headers = { 'content-type': request.headers.get('content-type') ?? '' };
      const { status, json } = await client.send('PUT', `/api/camera/${ID}`, { headers, body: await request.text() });
      expect([status, json]).toMatchObject([400, { error: { cure: 'Send one file at most, in the field "image".' } }]);
    }
  });

  it('is refused when it breaks off', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const body = '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nGa';
    const { status } = await client.send('PUT', `/api/camera/${ID}`, { headers, body });
    expect(status).toBe(400);
  });

  it('is taken by the routes of cameras alone', async () => {
    expect((await send('POST', '/api/maintenance', { reason: 'x' })).json).toMatchObject({
      error: { code: 'REQUEST_NOT_JSON' },
    });
  });
});
