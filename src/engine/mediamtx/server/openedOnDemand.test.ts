import { expect, test } from 'vitest';
import { OpenedOnDemand } from './openedOnDemand.js';

test('is open from the start of its source to its end, and whatever viewers make MediaMTX write is no such line', () => {
  const opened = new OpenedOnDemand();
  for (const message of [
    '[path gate] [RTMP source] started on demand',
    '[path door] [RTSP source] started on demand',
    '[path shed] [RTMP source] started',
    "[HLS] [conn 10.0.0.9:5] invalid path '[path fake] [RTMP source] started on demand'",
    '[path fake two] [RTMP source] started on demand',
    '[path door] [RTSP source] connection refused',
    '[path door] [RTSP source] stopped: timed out',
  ])
    opened.see(message);
  expect([...opened.names]).toEqual(['gate']);
  opened.forget();
  expect([...opened.names]).toEqual([]);
});
