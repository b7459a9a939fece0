import type { LiveForm } from '../cloud/liveForm.js';

const NAME = /^([A-Z0-9]+)-in(\d+)-(high|low)\?(.*)$/;

/** `rtmp://host/watch/<SERIAL>-in<channel>-<high|low>?until=<epoch s, base 36>&ref=<id>&seal=<signature>` */
export const ACME_FORM: LiveForm = {
  app: 'watch',
  write({ ref, quality, expire, id, signature }) {
    const [serial = '', channel = ''] = ref.split('_');
    const name = `${serial}-in${channel}-${quality === 1 ? 'high' : 'low'}`;
    return `${name}?until=${expire.toString(36)}&ref=${id}&seal=${signature}`;
  },
  read(streamName) {
    const [, serial, channel, grade, query] = NAME.exec(streamName) ?? [];
    if (serial === undefined || channel === undefined) return null;
    const fields = new URLSearchParams(query);
    return {
      ref: `${serial}_${channel}`,
      quality: grade === 'high' ? 1 : 2,
      expire: parseInt(fields.get('until') ?? '0', 36),
      id: fields.get('ref') ?? '',
      mark: null,
      signature: fields.get('seal') ?? '',
    };
  },
};
