import { expect, it } from 'vitest';
import { maskedUrl } from './maskedUrl.js';

it.each([
  ['rtsp://admin:geheim@10.0.0.5:554/Streaming/Channels/101', 'rtsp://***@10.0.0.5:554/Streaming/Channels/101'],
  ['rtsp://10.0.0.5/user=admin&password=geheim?password=geheim', 'rtsp://10.0.0.5/***?***'],
  ['rtmp://media.example/live/geheim?sign=geheim', 'rtmp://media.example/live/***?***'],
  ['https://:geheim@[::1]:8443/cam.m3u8#geheim', 'https://***@[::1]:8443/cam.m3u8#***'],
  ['rtsp://10.0.0.5/user=admin_password=geheim_channel=1_stream=0.sdp', 'rtsp://10.0.0.5/***'],
  ['rtsp://10.0.0.5/user%3Dadmin%26password%3Dgeheim/1', 'rtsp://10.0.0.5/***/1'],
  ['rtsp://10.0.0.5/0/admin:geheim/main', 'rtsp://10.0.0.5/0/***/main'],
  ['rtsp://10.0.0.5/0/admin%3ageheim/main', 'rtsp://10.0.0.5/0/***/main'],
  ['http://10.0.0.5/cgi/mjpeg;user=admin;pwd=geheim', 'http://10.0.0.5/cgi/***'],
  ['https://cdn.example/4f9a7c21geheim8b3d55/index.m3u8', 'https://cdn.example/***/index.m3u8'],
  ['srt://10.0.0.5:9000?streamid=read:geheim&passphrase=geheim', 'srt://10.0.0.5:9000?***'],
  ['rtsp://10.0.0.5/cam/realmonitor?channel=1&subtype=0', 'rtsp://10.0.0.5/cam/realmonitor?***'],
  ['geheim', '***'],
])('%s is shown as %s', (url, shown) => {
  expect(maskedUrl(url)).toBe(shown);
});
