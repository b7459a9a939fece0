import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and a certificate signed with it (PEM), for `localhost` and 127.0.0.1. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'latin1'));

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const NAME = sequence(der(0x31, sequence(oid('550403'), text(0x0c, 'localhost'))));
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value));
const ALT_NAMES = extension('551d11', sequence(text(0x82, 'localhost'), der(0x87, Buffer.from([127, 0, 0, 1]))));
const IS_AUTHORITY = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))));

/** A certificate by RFC 5280, valid from 2020 on until the end of `lastYear`. */
export function selfSigned(lastYear = 2099): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const lastMoment =
    lastYear < 2050 ? text(0x17, `${String(lastYear).slice(2)}1231235959Z`) : text(0x18, `${lastYear}1231235959Z`);
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(text(0x17, '200101000000Z'), lastMoment),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(IS_AUTHORITY, ALT_NAMES)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toSign, privateKey));
  const base64 = sequence(toSign, ECDSA_WITH_SHA256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
