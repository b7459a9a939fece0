import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { aCamera, aLease } from '../../../test/support/builders.js';
import { serve, type Reply, type TestClient } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { AppError } from '../../core/errors.js';

const ID = '0123456789abcdef01234567';
const PATH = `/api/camera/${ID}/image`;

interface Shown {
  readonly success: boolean;
  readonly message: string;
  readonly camera: { readonly id: string; readonly name: string; readonly image: string | null };
}

describe('the image of a camera', () => {
  let house: FakeHouse;
  let client: TestClient;
  let picture: Buffer;
  beforeEach(async () => {
    house = fakeHouse();
    client = await serve(house);
    house.stored.set(ID, aCamera({ id: ID, name: 'Yard', lease: aLease() }));
    const red = { width: 64, height: 48, channels: 3, background: '#ff0000' } as const;
    picture = await sharp({ create: red }).png().toBuffer();
  });

  const put = (body: Buffer, type = 'image/png'): Promise<Reply> =>
    client.send('PUT', PATH, { headers: { 'content-type': type }, body });

  async function form(method: string, path: string, fields: object, file?: Buffer): Promise<Reply> {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, String(value));
    if (file !== undefined) data.append('image', new Blob([Uint8Array.from(file)]), 'yard.png');
    const request = new Request('http://h/', { method: 'POST', body: data });
    const headers = { 'content-type': request.headers.get('content-type') ?? '' };
    return client.send(method, path, { headers, body: Buffer.from(await request.arrayBuffer()) });
  }

  async function shownAt(address: string | null): Promise<Reply> {
    expect(address).toMatch(/^\/images\/[\w.-]+\.jpg$/);
    return client.send('GET', address ?? '');
  }

  it('is uploaded as it is, and read at the address that the camera names, by pages of other sites too', async () => {
    const { status, json } = await put(picture);
    expect(status).toBe(200);
    const { camera } = json as Shown;
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    const own = await client.send('GET', PATH, { headers });
    const named = await shownAt(camera.image);
    for (const reply of [own, named]) {
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'image/jpeg']);
      expect(reply.headers).toMatchObject({ 'cross-origin-resource-policy': 'cross-origin' });
      expect(reply.headers['x-content-type-options']).toBe('nosniff');
      expect(await sharp(reply.body).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 48 });
    }
    const again = { headers: { 'if-modified-since': named.headers['last-modified'] ?? '' } };
    expect((await client.send('GET', camera.image ?? '', again)).status).toBe(304);
    expect(house.changed).toEqual([]);
  });

  it('comes with a new camera in a form', async () => {
    const fields = { name: 'Gate', hikvisionDeviceSerial: 'CD1234567', coordinates: '{"lat":31.5,"lng":74.3}' };
    const { status, json } = await form('POST', '/api/camera', fields, picture);
    expect(status).toBe(201);
    const { camera } = json as Shown;
    expect(camera).toMatchObject({ name: 'Gate', coordinates: { lat: 31.5, lng: 74.3 } });
    expect((await shownAt(camera.image)).status).toBe(200);
    const listed = (await client.send('GET', '/api/camera')).json as { cameras: Array<{ image: string | null }> };
    expect(listed.cameras.map(({ image }) => image)).toContain(camera.image);
  });

  it('is replaced by a form with a picture, and stays in a form without one', async () => {
    const first = ((await put(picture)).json as Shown).camera.image;
    await house.clock.advance(1000);
    const kept = (await form('PUT', `/api/camera/${ID}`, { name: 'Back gate', image: first })).json as Shown;
    expect(kept.camera).toMatchObject({ name: 'Back gate', image: first });
    const alone = (await form('PUT', `/api/camera/${ID}`, {}, picture)).json as Shown;
    expect(alone).toMatchObject({ success: true, message: 'Camera updated', camera: { name: 'Back gate' } });
    expect(alone.camera.image).not.toBe(first);
    expect((await shownAt(alone.camera.image)).status).toBe(200);
    expect((await shownAt(first)).json).toMatchObject({ error: { code: 'PICTURE_NOT_FOUND' } });
  });

  it.each([
    ['DELETE of it', 'DELETE', PATH, undefined],
    ['a change that says null', 'PUT', `/api/camera/${ID}`, { image: null }],
  ])('goes by %s', async (_name, method, path, body) => {
    const { image } = ((await put(picture)).json as Shown).camera;
    const { status, json } = await client.send(method, path, { body });
    expect([status, (json as Shown).camera.image]).toEqual([200, null]);
    expect(house.imageOf.size).toBe(0);
    expect([(await shownAt(image)).status, (await client.send('GET', PATH)).status]).toEqual([404, 404]);
  });

  it('stays where a page puts the camera back with an older address', async () => {
    const first = (await client.send('GET', `/api/camera/${ID}`)).json as { camera: object };
    const { image } = ((await put(picture)).json as Shown).camera;
    const back = { ...first.camera, image: `/images/${ID}.1.jpg`, name: 'Back gate' };
    const { json } = await client.send('PUT', `/api/camera/${ID}`, { body: back });
    expect((json as Shown).camera).toMatchObject({ name: 'Back gate', image });
  });

  it.each([
    ['a page', Buffer.from('<script>alert(1)</script>'), 'image/jpeg', 400, 'no picture'],
    ['JSON', Buffer.from('{}'), 'application/json', 400, 'not declared as a picture'],
    ['more than 2 MB', Buffer.alloc(2 * 1024 * 1024 + 1), 'image/jpeg', 413, '2 MB'],
    ['nothing', Buffer.alloc(0), 'image/jpeg', 400, 'picture'],
  ])('is refused when it is %s, and the camera keeps the old one', async (_name, body, type, wanted, says) => {
    const { image } = ((await put(picture)).json as Shown).camera;
    const { status, json } = await put(body, type);
    expect(status).toBe(wanted);
    expect((json as { message: string }).message).toContain(says);
    expect(house.stored.get(ID)?.about.image).toBe(image);
    expect((await shownAt(image)).status).toBe(200);
  });

  it('is refused as an address of another server', async () => {
    const body = { image: 'https://example.com/x.jpg' };
    const { status, json } = await client.send('PUT', `/api/camera/${ID}`, { body });
    expect([status, json]).toMatchObject([400, { error: { code: 'REQUEST_INVALID' } }]);
  });

  it('that cannot be stored leaves the new camera, and says so', async () => {
    const saveImage = (): Promise<void> =>
      Promise.reject(new AppError('STORE_UNREACHABLE', 'The database does not answer.'));
    const away = fakeHouse({ pictures: { ...house.pictures, saveImage } });
    client = await serve(away);
    const fields = { name: 'Gate', hikvisionDeviceSerial: 'CD1234567' };
    const { status, json } = await form('POST', '/api/camera', fields, picture);
    expect(status).toBe(503);
    expect((json as { message: string }).message).toMatch(/^The camera was added, but its picture was not stored: /);
    expect([...away.stored.values()].map(({ name }) => name)).toEqual(['Gate']);
  });

  it.each(['/images/nobody.1.jpg', `/images/${ID}.1.jpg`, '/images/x.jpg', '/images/..%2f..%2fetc%2fpasswd'])(
    'is not at %s',
    async (path) => {
      expect([400, 404]).toContain((await client.send('GET', path)).status);
    },
  );

  it('of no camera is a 404 of the camera', async () => {
    const path = '/api/camera/nobody/image';
    const headers = { 'content-type': 'image/png' };
    for (const [method, sent] of [
      ['GET', {}],
      ['PUT', { headers, body: picture }],
      ['DELETE', {}],
    ] as const) {
      expect((await client.send(method, path, sent)).json).toMatchObject({ message: 'Camera not found' });
    }
  });
});
