import { request } from 'node:http';

/** Follows the stream of events until the moment (of `performance.now`); how many came. Rejects when it is refused or cut before. */
export function readEvents(port: number, endMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let events = 0;
    const sent = request({ host: '127.0.0.1', port, path: '/api/events', agent: false }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`answered ${response.statusCode ?? 0}`));
        sent.destroy();
        return;
      }
      response.on('data', (chunk: Buffer) => (events += chunk.toString('utf8').split('\ndata: ').length - 1));
      response.on('error', () => undefined);
      response.on('close', () => {
        if (performance.now() < endMs) reject(new Error('was cut'));
        else resolve(events);
      });
      setTimeout(() => sent.destroy(), Math.max(0, endMs - performance.now()) + 50);
    });
    sent.on('error', reject);
    sent.end();
  });
}
