import { expect, it } from 'vitest';
import { maskedUrl } from './maskedUrl.js';

it.each([
  ['rtsp://admin:geheim@10.0.0.5:554/Streaming/Channels/101', 'rtsp://***@10.0.0.5:554/Streaming/Channels/101'],
  ['rtsp://10.0.0.5/user=admin&password=geheim?password=geheim', 'rtsp://10.0.0.5/***?***'],
  ['rtmp://media.example/live/geheim?sign=geheim', 'rtmp://media.example/live/***?***'],
  ['https://:geheim@[::1]:8443/cam.m3u8#geheim', 'https://***@[::1]:8443/cam.m3u8'],
  ['geheim', '***'],
])('%s is shown as %s', (url, shown) => {
  expect(maskedUrl(url)).toBe(shown);
});
