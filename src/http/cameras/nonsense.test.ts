import { describe, expect, it } from 'vitest';
import { connect } from 'node:net';
import { aCamera, aLease } from '../../../test/support/builders.js';
import { serve, type Sent } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { errorReply } from '../shapes/replySchemas.js';

const ID = '0123456789abcdef01234567';
const good = { name: 'Gate', hikvisionDeviceSerial: 'AB1234567' };
const deep = '['.repeat(50_000) + ']'.repeat(50_000);

interface Nonsense extends Sent {
  readonly method?: string;
  readonly path?: string;
  readonly status: number;
  readonly code: string;
  readonly says?: RegExp;
}

const json = { 'content-type': 'application/json' };
const invalid = { status: 400, code: 'REQUEST_INVALID' };
const notJson = { status: 400, code: 'REQUEST_NOT_JSON' };
const refusedHost = { status: 400, code: 'SOURCE_HOST_REFUSED' };

const cases: Readonly<Record<string, Nonsense>> = {
  'broken JSON': { ...notJson, headers: json, body: '{"name": ' },
  'a body that is no object': { ...notJson, headers: json, body: '"Gate"' },
  'a list instead of an object': { ...invalid, body: [], says: /^The request must be an object\.$/ },
  'null for a body': { ...notJson, headers: json, body: 'null' },
  'a form': { ...notJson, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=Gate' },
  'text without a type': { ...notJson, body: 'hello' },
  'a compressed body': { ...notJson, headers: { ...json, 'content-encoding': 'gzip' }, body: 'xx' },
  'a strange charset': { ...notJson, headers: { 'content-type': 'application/json; charset=latin1' }, body: '{}' },
  'a huge body': { status: 413, code: 'REQUEST_TOO_LARGE', body: { ...good, name: 'x'.repeat(150_000) } },
  'fifty thousand brackets': { ...invalid, headers: json, body: deep.slice(0, 100_000) },
  'no fields': { ...invalid, body: {}, says: /"name"/ },
  'a number for a name': { ...invalid, body: { ...good, name: 7 }, says: /^Field "name" must be text\.$/ },
  'an empty name': { ...invalid, body: { ...good, name: '  ' }, says: /^Field "name" must not be empty\.$/ },
  'a long name': { ...invalid, body: { ...good, name: 'x'.repeat(101) } },
  'a name with a line break': { ...invalid, body: { ...good, name: 'a\nb' } },
  'a name with NUL': { ...invalid, body: { ...good, name: 'a\0b' } },
  'a name with half a character': {
    ...invalid,
    headers: json,
    body: '{"name":"\\ud800","hikvisionDeviceSerial":"A1"}',
  },
  'a channel of 0': { ...invalid, body: { ...good, channel: 0 }, says: /^Field "channel" must be at least 1\.$/ },
  'a channel of text': { ...invalid, body: { ...good, channel: '1' } },
  'an operator for a name': { ...invalid, body: { ...good, name: { $gt: '' } } },
  'an operator for a serial': { ...invalid, body: { name: 'Gate', hikvisionDeviceSerial: { $gt: '' } } },
  'an operator as a field': { ...invalid, body: { ...good, $where: '1' }, says: /Unknown field "\$where"/ },
  'an unknown field': { ...invalid, body: { ...good, nmae: 'x' }, says: /Unknown field "nmae"/ },
  'a field of ours': { ...invalid, body: { ...good, lease: { url: 'x' } }, says: /"lease"/ },
  'a __proto__': { ...invalid, headers: json, body: '{"name":"Gate","__proto__":{"isAdmin":true}}', says: /__proto__/ },
  'a __proto__ deep down': { ...invalid, headers: json, body: '{"labels":[{"__proto__":{}}]}', says: /__proto__/ },
  'a constructor': { ...invalid, body: { ...good, constructor: { prototype: {} } }, says: /constructor/ },
  'a mode that is none': {
    ...invalid,
    body: { ...good, mode: 'sometimes' },
    says: /^Field "mode" must be "on-demand" or "direct" or "always-on" or "seamless"\.$/,
  },
  'a plan of a new camera': { ...invalid, path: '/api/camera?plan=true', body: good, says: /cannot be planned/ },
  'a plan of initialize': { ...invalid, path: '/api/hikvision/initialize?plan=true', says: /cannot be planned/ },
  'a plan of nothing': { ...invalid, path: '/api/plan', body: {}, says: /"action"/ },
  'a plan of an action that is none': { ...invalid, path: '/api/plan', body: { action: 'reboot' } },
  'a plan of an update without a change': {
    ...invalid,
    path: '/api/plan',
    body: { action: 'update' },
    says: /^Field "change" belongs to "update"/,
  },
  'a plan of a deletion with a change': {
    ...invalid,
    path: '/api/plan',
    body: { action: 'delete', change: { name: 'x' } },
    says: /"change"/,
  },
  'a plan of a deletion by force': { ...invalid, path: '/api/plan', body: { action: 'delete', force: true } },
  'a plan with a change that names nothing': { ...invalid, path: '/api/plan', body: { action: 'update', change: {} } },
  'a plan with an operator': { ...invalid, path: '/api/plan', body: { action: 'delete', cameraIds: { $gt: '' } } },
  'a plan of an id nobody has': {
    ...{ status: 404, code: 'CAMERA_NOT_FOUND', path: '/api/plan' },
    body: { action: 'delete', cameraIds: ['nobody'] },
  },
  'a plan that is yes': { ...invalid, method: 'DELETE', path: `/api/camera/${ID}?plan=yes`, says: /"plan"/ },
  'a plan that is nothing': { ...invalid, method: 'DELETE', path: `/api/camera/${ID}?plan` },
  'a plan and none': { ...invalid, method: 'DELETE', path: `/api/camera/${ID}?plan=true&plan=false` },
  'a misspelt plan': { ...invalid, method: 'DELETE', path: `/api/camera/${ID}?paln=true`, says: /"paln"/ },
  'a misspelt plan of a change': {
    ...{ ...invalid, method: 'PUT', path: `/api/camera/${ID}?Plan=true` },
    body: { name: 'Yard' },
  },
  'a misspelt plan of a renewal': { ...invalid, path: '/api/hikvision/renew?plan=1' },
  'steps of nobody': { status: 404, code: 'CAMERA_NOT_FOUND', method: 'GET', path: '/api/camera/nobody/events' },
  'no steps at all': { ...invalid, method: 'GET', path: `/api/camera/${ID}/events?limit=0` },
  'too many steps': { ...invalid, method: 'GET', path: `/api/camera/${ID}/events?limit=501` },
  'steps before a line break': { ...invalid, method: 'GET', path: `/api/camera/${ID}/events?before=a%0Ab` },
  'a stream of nobody': { status: 404, code: 'CAMERA_NOT_FOUND', method: 'GET', path: '/api/events?camera=nobody' },
  'a stream of an operator': { ...invalid, method: 'GET', path: '/api/events?camera[$gt]=' },
  'a stream after a long id': { ...invalid, method: 'GET', path: `/api/events?after=${'a'.repeat(301)}` },
  'a stream after a long header': {
    ...{ ...invalid, method: 'GET', path: '/api/events' },
    headers: { 'last-event-id': 'a'.repeat(301) },
  },
  'a file for a source': { ...refusedHost, body: { ...good, rtmpPath: 'file:///etc/passwd' } },
  'a metadata address': {
    ...refusedHost,
    body: { ...good, rtmpPath: 'rtmp://169.254.169.254/latest?expire=9999999999' },
  },
  'a metadata address over http': { ...refusedHost, body: { ...good, rtmpPath: 'http://169.254.169.254/latest/' } },
  'a host that only looks like a vendor': {
    ...refusedHost,
    body: { ...good, rtmpPath: 'rtmp://ezvizlife.com.evil.test/x?expire=9999999999' },
  },
  'a login in the source': {
    ...refusedHost,
    body: { ...good, rtmpPath: 'rtmp://a:b@vtm.ezvizlife.com/x?expire=9999999999' },
  },
  'a line break in the source': {
    ...refusedHost,
    body: { ...good, rtmpPath: 'rtmp://vtm.ezvizlife.com/live/x\n?expire=9999999999' },
  },
  'a space in the source': {
    ...refusedHost,
    body: { ...good, rtmpPath: 'rtmp://vtm.ezvizlife.com/live x?expire=9999999999' },
  },
  'a source without an end': {
    ...invalid,
    body: { ...good, rtmpPath: 'rtmp://vtm.ezvizlife.com/live/x' },
    says: /expire/,
  },
  'an expired source': { ...invalid, body: { ...good, rtmpPath: 'rtmp://vtm.ezvizlife.com/x?expire=1700000000' } },
  'an account nobody has': { status: 409, code: 'ACCOUNT_UNKNOWN', body: { ...good, account: 'nobody' } },
  'an account of another vendor': { status: 409, code: 'ACCOUNT_UNKNOWN', body: { ...good, vendor: 'ezviz' } },
  'an empty change': { ...invalid, method: 'PUT', path: `/api/camera/${ID}`, body: {} },
  'a change of the source': {
    ...refusedHost,
    method: 'PUT',
    path: `/api/camera/${ID}`,
    body: { rtmpPath: 'rtmp://x' },
  },
  'renewing with wrong types': { ...invalid, path: '/api/hikvision/renew', body: { force: 'yes' } },
  'renewing operators': { ...invalid, path: '/api/hikvision/renew', body: { cameraIds: [{ $gt: '' }] } },
  'renewing nobody': {
    status: 404,
    code: 'CAMERA_NOT_FOUND',
    path: '/api/hikvision/renew',
    body: { cameraIds: ['nobody'] },
  },
  'initialize with fields': { ...invalid, path: '/api/hikvision/initialize', body: { all: true } },
  'trying keys at a foreign host': {
    ...refusedHost,
    path: '/api/account/try',
    body: { vendor: 'ezviz', appKey: 'k', secret: 's', baseUrl: 'https://evil.test' },
  },
  'an id with slashes': { ...invalid, method: 'GET', path: '/api/camera/a%2Fb' },
  'an id with dots': { ...invalid, method: 'GET', path: '/api/camera/..%2f..%2fetc' },
  'two dots for an id': { ...invalid, method: 'GET', path: '/api/camera/..' },
  'an id in Hangul': { ...invalid, method: 'GET', path: `/api/camera/${encodeURIComponent('정문')}` },
  'an id with NUL': { ...invalid, method: 'GET', path: '/api/camera/a%00' },
  'a malformed percent sign': { ...invalid, method: 'GET', path: '/api/camera/%E0%A4%A' },
  'a malformed percent sign on the hot path': { ...invalid, method: 'GET', path: '/api/camera/%/live' },
  'a long id': { ...invalid, method: 'GET', path: `/api/camera/${'a'.repeat(65)}` },
  'an id nobody has': { status: 404, code: 'CAMERA_NOT_FOUND', method: 'GET', path: '/api/camera/nobody' },
  'live of an id nobody has': { status: 404, code: 'CAMERA_NOT_FOUND', method: 'GET', path: '/api/camera/nobody/live' },
  'live of an id in Hangul': { ...invalid, method: 'GET', path: `/api/camera/${encodeURIComponent('정문')}/live` },
  'deleting nobody': { status: 404, code: 'CAMERA_NOT_FOUND', method: 'DELETE', path: '/api/camera/nobody' },
  'a pass nobody ran': { status: 404, code: 'PASS_NOT_FOUND', method: 'GET', path: '/api/pass/p-99' },
  'a picture nobody took': {
    status: 404,
    code: 'PICTURE_NOT_FOUND',
    method: 'GET',
    path: `/api/camera/${ID}/snapshot`,
  },
  'a limit too high': { ...invalid, method: 'GET', path: '/api/camera?limit=1001' },
  'a limit of text': { ...invalid, method: 'GET', path: '/api/camera?limit=ten' },
  'two limits': { ...invalid, method: 'GET', path: '/api/camera?limit=1&limit=2' },
  'a negative offset': { ...invalid, method: 'GET', path: '/api/camera?offset=-1' },
  'an operator in the query': { ...invalid, method: 'GET', path: '/api/camera?search[$gt]=' },
  'an unknown address': { status: 404, code: 'ROUTE_NOT_FOUND', method: 'GET', path: '/api/nothing' },
  'a file of the machine': {
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    method: 'GET',
    path: '/assets/..%2f..%2fpackage.json',
  },
  'a media file outside': { ...invalid, method: 'GET', path: `/hls/${ID}/..%2f..%2fetc%2fpasswd` },
  'a wrong method': { status: 405, code: 'METHOD_NOT_ALLOWED', method: 'PATCH', path: '/api/camera' },
  'a wrong method on the hot path': {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    method: 'POST',
    path: `/api/camera/${ID}/live`,
  },
  'media of an engine that serves its own': {
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    method: 'GET',
    path: `/hls/${ID}/index.m3u8`,
  },
};

describe('nonsense is answered with a sentence, stores nothing and breaks nothing', () => {
  it.each(Object.entries(cases))(
    '%s',
    async (_name, { method = 'POST', path = '/api/camera', status, code, says, ...sent }) => {
      const house = fakeHouse();
      const camera = aCamera({ id: ID, lease: aLease() });
      house.stored.set(ID, camera);
      const client = await serve(house);

      const reply = await client.send(method, path, sent);

      const { error } = errorReply.parse(reply.json);
      expect({ status: reply.status, code: error.code }).toEqual({ status, code });
      expect(error.message).toMatch(/^[A-Z].*\.$|^rtmpPath .*\.$/);
      if (says) expect(error.message).toMatch(says);
      expect([...house.stored.values()]).toEqual([camera]);
      expect(house.changed).toEqual([]);
      expect(house.tried).toEqual([]);
      expect(house.begun).toBe(0);
    },
  );

  it('answers what is not HTTP at all, and goes on', async () => {
    const client = await serve(fakeHouse());
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(client.port, '127.0.0.1', () => socket.write('HELLO\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"REQUEST_INVALID"');
    expect((await client.send('GET', '/health')).status).toBe(200);
  });
});
