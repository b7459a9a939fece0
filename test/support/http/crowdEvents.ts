import { request } from 'node:http';

/** Follows the stream of events until `over` is aborted; resolves with how many came. Rejects when it is refused or cut before. */
export function readEvents(port: number, over: AbortSignal): Promise<number> {
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
        if (over.aborted) resolve(events);
        else reject(new Error('was cut'));
      });
      over.addEventListener('abort', () => sent.destroy());
    });
    sent.on('error', reject);
    sent.end();
  });
}
