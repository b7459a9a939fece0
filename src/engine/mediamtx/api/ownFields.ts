import { bridgedRevision, isPublicPathName, type PathConfig } from '../paths/pathConfig.js';
import { foreignFields } from '../paths/pathDefaults.js';
import { isRelayLine } from '../paths/relayLine.js';
import type { PathConfigReply } from './replies.js';

/**
 * The fields of a path that are ours, as a line of ours would say them. MediaMTX answers with `pathDefaults` merged in: what a line
 * of ours leaves to its operator (whom a camera's path forwards to, how RTSP is pulled where nothing is) is no difference, and is left out.
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
