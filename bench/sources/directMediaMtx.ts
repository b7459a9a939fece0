import { makeMediaMtx } from '../../test/support/engine/mediamtx.js';
import type { ListedCamera } from './listedCamlease.js';

/** A MediaMTX that pulls the cameras itself, by on-demand paths of their keys, without camlease. */
export interface DirectMediaMtx {
  readonly pid: number;
  rtsp(key: string): string;
  stop(): Promise<void>;
}

export async function startDirectMediaMtx(list: readonly ListedCamera[]): Promise<DirectMediaMtx> {
  const paths = Object.fromEntries(
    list.map(({ key, url, user = '', password = '' }) => {
      const source = url.replace('://', `://${user}:${password}@`);
      return [key, { source, sourceOnDemand: true, rtspTransport: 'tcp' }];
    }),
  );
  // JSON is YAML, too.
  const server = await makeMediaMtx(JSON.stringify({ logLevel: 'error', paths }));
  await server.start();
  return {
    pid: server.pid ?? 0,
    rtsp: (key) => `rtsp://127.0.0.1:${server.ports.rtsp}/${key}`,
    stop: () => server.stop(),
  };
}
