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
      ? `Relay: ${relay.url === null ? `started by camlease, on port ${relay.port}` : 'at RELAY_URL'}.`
      : 'Relay: none; the media server pulls the cameras itself.',
    `Viewers: HLS at ${config.hlsBaseUrl}, WebRTC at ${config.webrtcBaseUrl}.`,
    alertSenders.length === 0
      ? 'Alerts: shown on the page and by the API, but sent to nobody, because no sender is set up.'
      : `Alerts: sent by ${alertSenders.map(({ name, kind }) => `${name} (${kind})`).join(', ')}.`,
  ];
}

function engineLine({ engine, mediamtxApiUrl, mediamtxApiUrlGiven, mediamtxConfigPath }: Config): string {
  if (engine === 'embedded') return 'Media server: the embedded engine of camlease.';
  const where = mediamtxApiUrlGiven
    ? `MediaMTX at ${mediamtxApiUrl}, not started by camlease`
    : 'MediaMTX on this machine';
  const else_ = engine === 'auto' ? '; the embedded engine of camlease if there is no MediaMTX' : '';
  return `Media server: ${where}, with its settings in ${mediamtxConfigPath}${else_}.`;
}
