import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { packageRoot } from '../support/installation/programs.js';

/**
 * A page that does what the front end of the Hikvision guide does, by what is known of its code: it reads `cameras[]` of one
 * GET, puts each on a map by `coordinates.lat` and `.lng` without asking whether they are there, shows `image` below the API's
 * address, plays `<media>/<_id>/index.m3u8` with hls.js as it is, takes a snapshot of the video by a canvas, and sends forms with
 * a picture.
 */
const PAGE = `<!doctype html><meta charset="utf-8"><script src="/hls.js"></script><body></body><script>
  const query = new URLSearchParams(location.search);
  const [API_URL, CAMERA_URL] = [query.get('api'), query.get('media')];

  window.load = async () => {
    const reply = await fetch(API_URL + '/api/camera');
    const data = await reply.json();
    if (!data.success) throw new Error(data.error);
    return data.cameras.map((camera) => ({
      _id: camera._id,
      text: [camera.name, camera.location, camera.city].join(' '),
      isActive: camera.status === 'active',
      position: [camera.coordinates.lat, camera.coordinates.lng],
      image: camera.image,
      updated: new Date(camera.updatedAt).getTime(),
      created: new Date(camera.createdAt).getTime(),
    }));
  };

  window.show = (image) => new Promise((resolve, reject) => {
    const element = document.createElement('img');
    element.onload = () => resolve([element.naturalWidth, element.naturalHeight]);
    element.onerror = () => reject(new Error('the picture does not load'));
    element.src = API_URL + image;
    document.body.append(element);
  });

  window.play = (id) => {
    const video = document.createElement('video');
    Object.assign(video, { muted: true, autoplay: true, crossOrigin: 'anonymous', id });
    document.body.append(video);
    video.frames = 0;
    const again = () => video.requestVideoFrameCallback(() => { video.frames += 1; again(); });
    again();
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_event, { fatal, type }) => {
      if (!fatal) return;
      if (type === Hls.ErrorTypes.NETWORK_ERROR) setTimeout(() => hls.loadSource(CAMERA_URL + '/' + id + '/index.m3u8'), 500);
      else hls.recoverMediaError();
    });
    hls.loadSource(CAMERA_URL + '/' + id + '/index.m3u8');
    hls.attachMedia(video);
  };
  window.frames_ = (id) => document.getElementById(id).frames;

  /** The sum of the video's pixels now: it changes as the picture does. Throws where the media lacks CORS headers. */
  window.snapshot = (id) => {
    const video = document.getElementById(id);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext('2d').drawImage(video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  };

  window.sendForm = async (method, id, fields, image) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    if (image) form.append('image', image, 'camera.png');
    const reply = await fetch(API_URL + '/api/camera' + (id ? '/' + id : ''), { method, body: form });
    return { status: reply.status, json: await reply.json() };
  };
</script>`;

/** Serves that page on an origin of its own. */
export async function serveFrontEnd(): Promise<{ readonly origin: string; stop(): Promise<void> }> {
  const hls = readFileSync(path.join(packageRoot(), 'node_modules', 'hls.js', 'dist', 'hls.min.js'));
  const server = createServer((request, response) => {
    const isScript = request.url === '/hls.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html').end(isScript ? hls : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}
