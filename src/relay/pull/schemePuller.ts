import { noPull, rtmpPuller, type Puller } from './puller.js';
import { rtspPuller, type RtspPullerDeps } from './rtspPuller.js';

/** Who pulls addresses of a scheme, by the scheme in lower case with its colon. */
export type PullerTable = Readonly<Record<string, Puller | undefined>>;

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Pulls a target by the scheme of its address; one of another scheme ends at once as `protocol`. `more`: pullers of further schemes. */
export function schemePuller(deps: RtspPullerDeps, more: PullerTable = {}): Puller {
  const [rtmp, rtsp] = [rtmpPuller(deps), rtspPuller(deps)];
  const table: PullerTable = { 'rtmp:': rtmp, 'rtmps:': rtmp, 'rtsp:': rtsp, 'rtsps:': rtsp, ...more };
  return (target, handlers) => {
    const scheme = SCHEME.exec(target.url)?.[0].toLowerCase() ?? '';
    const pull = Object.hasOwn(table, scheme) ? table[scheme] : undefined;
    return pull ? pull(target, handlers) : noPull(deps.clock, handlers, scheme === 'srt:' ? 'SRT' : undefined);
  };
}
