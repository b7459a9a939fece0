import type { Config } from '../config/config.js';

/**
 * What these settings make of camlease, one line each, for `camlease check`: no secret, no login, no address of a sender. Does
 * not ask whether clouds, database or media server answer: the start and `/ready` report that.
 */
export function settingsSummary(config: Config): readonly string[] {
  const { accounts, alertSenders, relay } = config;
  return [
    accounts.length === 0
      ? 'Accounts: none. Put the keys of a vendor into .env (.env.example explains them), or no camera will be found.'
      : `Accounts: ${accounts.map(({ name, vendor }) => `${name} (${vendor})`).join(', ')}.`,
    `Data: ${config.dataDir}; cameras are kept ${config.mongodbUri === null ? 'in SQLite there' : 'in MongoDB'}.`,
    `Page and API: http://${config.host}:${config.port}.`,
    engineLine(config),
    relay?.use === 'auto' && config.engine !== 'embedded'
      ? `Relay: ${relay.url === null ? `started by camlease, on port ${relay.port}` : 'the one at RELAY_URL'}.`
      : 'Relay: none; the media server pulls the cameras itself.',
    `Viewers: HLS at ${config.hlsBaseUrl}, WebRTC at ${config.webrtcBaseUrl}.`,
    alertSenders.length === 0
      ? 'Alerts: kept and shown, sent to nobody.'
      : `Alerts: sent by ${alertSenders.map(({ name, kind }) => `${name} (${kind})`).join(', ')}.`,
  ];
}

function engineLine({ engine, mediamtxApiUrl, mediamtxApiUrlGiven, mediamtxConfigPath }: Config): string {
  if (engine === 'embedded') return 'Media server: the one inside camlease.';
  const where = mediamtxApiUrlGiven
    ? `MediaMTX at ${mediamtxApiUrl}, started by somebody else`
    : 'MediaMTX on this machine';
  const else_ = engine === 'auto' ? '; the one inside camlease where there is no MediaMTX' : '';
  return `Media server: ${where}, with its settings in ${mediamtxConfigPath}${else_}.`;
}
