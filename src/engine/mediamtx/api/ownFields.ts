import { bridgedRevision, isPublicPathName, type PathConfig } from '../paths/pathConfig.js';
import { foreignFields } from '../paths/pathDefaults.js';
import { isRelayLine } from '../paths/relayLine.js';
import type { PathConfigReply } from './replies.js';

/**
 * Our fields of a path, as our line would set them. MediaMTX answers with `pathDefaults` merged in, so fields that our line leaves to
 * the operator (where a public path forwards to, the RTSP transport of a path that pulls no RTSP) are left out: they are no difference.
 */
export function ownFields(reply: PathConfigReply): PathConfig {
  const { name, source, sourceOnDemand, sourceOnDemandStartTimeout, sourceOnDemandCloseAfter } = reply;
  const { rtspTransport, forward, overridePublisher } = reply;
  const { alwaysAvailable, alwaysAvailableFile: file, alwaysAvailableTracks: tracks } = reply;
  const isRtsp = (config: PathConfig): boolean => bridgedRevision(name, config) !== null || isRelayLine(name, config);
  const pull = { source, sourceOnDemand, sourceOnDemandStartTimeout, sourceOnDemandCloseAfter };
  return {
    ...pull,
    ...(rtspTransport !== undefined && isRtsp(pull) && { rtspTransport }),
    ...(forward && forward.length > 0 && !isPublicPathName(name) && { forward }),
    ...(source === 'publisher' && overridePublisher !== undefined && { overridePublisher }),
    ...(alwaysAvailable === true && { alwaysAvailable }),
    ...(alwaysAvailable === true && file !== undefined && file !== '' && { alwaysAvailableFile: file }),
    ...(alwaysAvailable === true && tracks && tracks.length > 0 && { alwaysAvailableTracks: tracks }),
    ...foreignFields(name, pull, reply),
  };
}
