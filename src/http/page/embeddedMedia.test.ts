import { describe, expect, it } from 'vitest';
import { aCamera, aLease } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { CameraError } from '../../core/errors.js';
import type { EmbeddedMedia } from '../../engine/mediaEngine.js';

const ID = '0123456789abcdef01234567';
const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';

function media(more: Partial<EmbeddedMedia> = {}): EmbeddedMedia {
  return {
    hls: async (_id, file) =>
      file === 'index.m3u8' ? { contentType: 'application/vnd.apple.mpegurl', body: Buffer.from('#EXTM3U\n') } : null,
    whepOffer: async (id) => ({ sessionId: `s-${id}`, answer: 'v=0\r\nanswer' }),
    whepClose: async (sessionId) => sessionId === `s-${ID}`,
    ...more,
  };
}

function houseWith(parts?: Partial<EmbeddedMedia>) {
  const house = fakeHouse({ media: media(parts) });
  house.stored.set(ID, aCamera({ lease: aLease() }));
  return house;
}

describe('media of the embedded engine', () => {
  it('serves playlists and parts, and 404 for one that is gone', async () => {
    const client = await serve(houseWith());
    const playlist = await client.send('GET', `/hls/${ID}/index.m3u8`);
    expect(playlist.status).toBe(200);
    expect(playlist.headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': 'no-store',
    });
    expect(playlist.text).toBe('#EXTM3U\n');
    expect((await client.send('GET', `/hls/${ID}/part7.m4s`)).status).toBe(404);
    expect((await client.send('GET', '/hls/nobody/index.m3u8')).status).toBe(404);
  });

  it('answers WHEP, closes a session once, and takes no trickled candidates', async () => {
    const client = await serve(houseWith());
    const headers = { 'content-type': 'application/sdp' };
    const answer = await client.send('POST', `/webrtc/${ID}/whep`, { headers, body: OFFER });
    expect(answer.status).toBe(201);
    expect(answer.headers['content-type']).toContain('application/sdp');
    expect(answer.text).toBe('v=0\r\nanswer');
    const session = String(answer.headers.location);
    expect(session).toBe(`/webrtc/${ID}/whep/s-${ID}`);
    const patched = await client.send('PATCH', session, { headers, body: 'a=candidate' });
    expect(patched.status).toBe(405);
    expect(patched.headers.allow).toBe('DELETE, OPTIONS');
    expect((await client.send('DELETE', session)).status).toBe(200);
    expect((await client.send('DELETE', `/webrtc/${ID}/whep/other`)).status).toBe(404);
  });

  it('refuses an offer that is none, and one of a foreign page', async () => {
    const client = await serve(houseWith());
    expect((await client.send('POST', `/webrtc/${ID}/whep`, { body: { sdp: OFFER } })).status).toBe(400);
    const headers = { 'content-type': 'application/sdp', origin: 'https://evil.test' };
    expect((await client.send('POST', `/webrtc/${ID}/whep`, { headers, body: OFFER })).status).toBe(403);
    const large = { headers: { 'content-type': 'application/sdp' }, body: OFFER + 'x'.repeat(150_000) };
    expect((await client.send('POST', `/webrtc/${ID}/whep`, large)).status).toBe(413);
  });

  it("says the camera's own trouble when it cannot be played", async () => {
    const trouble = new CameraError('STREAM_NO_PICTURE', 'camera-state', 'No picture came.', { cure: 'Look at it.' });
    const client = await serve(houseWith({ hls: () => Promise.reject(trouble) }));
    const answer = await client.send('GET', `/hls/${ID}/index.m3u8`);
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({ error: { code: 'STREAM_NO_PICTURE', cure: 'Look at it.' } });
  });

  it('shows a page for one camera that other sites may frame', async () => {
    const client = await serve(houseWith());
    const page = await client.send('GET', `/webrtc/${ID}`);
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain('frame-ancestors *');
    expect(page.headers['x-frame-options']).toBeUndefined();
    expect((await client.send('GET', '/')).headers['content-security-policy']).toContain("frame-ancestors 'self'");
    expect((await client.send('GET', '/webrtc/nobody')).status).toBe(404);
  });
});
