import { at, DAY } from '../builders.js';

/** A live URL in the cloud's form. */
export function liveUrl(serial: string, expiresAt = at(4 * DAY)): string {
  const expire = String(Math.floor(expiresAt.getTime() / 1000));
  return `rtmp://vtm.ezvizlife.com:1935/v3/openlive/${serial}_1_1?expire=${expire}&id=786192075142131712&t=s3cret`;
}

/** A document with the six fields that operators know, all valid. */
export function documentOf(serial: string): Readonly<Record<string, unknown>> {
  return {
    name: `Camera ${serial}`,
    rtmpPath: liveUrl(serial),
    hikvisionDeviceSerial: serial,
    hikvisionResourceId: `res-${serial}`,
    hikvisionEnabled: true,
    status: 'active',
  };
}
