import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface FakeDeviceOptions {
  /** How far its clock is ahead (s); a login by WS-Security has to be within 5 s of it. */
  readonly aheadS?: number;
  readonly login?: { readonly user: string; readonly password: string };
  /** How it checks logins. */
  readonly checks?: 'ws-security' | 'digest';
  /** The RTSP address of a profile, as it names it. */
  readonly uriOf?: (profile: string) => string;
}

export interface FakeDevice {
  /** Host and port. */
  readonly address: string;
  /** Names of the calls that were let in. */
  readonly calls: string[];
}

/** A camera that speaks ONVIF on a free port of 127.0.0.1, until the test ends. */
export async function fakeDevice(options: FakeDeviceOptions = {}): Promise<FakeDevice> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const call = /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? '';
      const refused = call === 'GetSystemDateAndTime' ? null : refusalOf(options, request, body);
      if (refused === 'digest')
        return response
          .writeHead(401, { 'WWW-Authenticate': 'Digest realm="cam", nonce="n1", qop="auth", algorithm=MD5' })
          .end();
      if (refused === 'ws-security')
        return response
          .writeHead(400)
          .end(
            envelope(
              '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>' +
                '<s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>',
            ),
          );
      calls.push(call);
      const profile = /<(?:\w+:)?ProfileToken>([^<]*)/.exec(body)?.[1] ?? '';
      return response.writeHead(200, { 'Content-Type': 'application/soap+xml' }).end(envelope(answerTo(call, profile)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const address = `127.0.0.1:${port}`;

  function answerTo(call: string, token: string): string {
    switch (call) {
      case 'GetSystemDateAndTime':
        return dateAndTime(new Date(Date.now() + (options.aheadS ?? 0) * 1000));
      case 'GetCapabilities':
        return `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>http://${address}/onvif/media</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`;
      case 'GetProfiles':
        return `<trt:GetProfilesResponse>${profileOf('main', 'H265', 2560, 1440)}${profileOf('sub', 'H264', 640, 360)}</trt:GetProfilesResponse>`;
      case 'GetVideoSources':
        return '<trt:GetVideoSourcesResponse><trt:VideoSources token="v1"><tt:Framerate>25</tt:Framerate></trt:VideoSources></trt:GetVideoSourcesResponse>';
      case 'GetDeviceInformation':
        return '<tds:GetDeviceInformationResponse><tds:Manufacturer>Acme</tds:Manufacturer><tds:Model>Bullet 2</tds:Model></tds:GetDeviceInformationResponse>';
      case 'GetStreamUri': {
        const uri = options.uriOf?.(token) ?? `rtsp://${address}/${token}`;
        return `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${uri.replaceAll('&', '&amp;')}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`;
      }
      default:
        return '<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en">Optional action not implemented</s:Text></s:Reason></s:Fault>';
    }
  }
  return { address, calls };
}

function refusalOf(
  { login, checks = 'ws-security', aheadS = 0 }: FakeDeviceOptions,
  request: IncomingMessage,
  body: string,
): 'digest' | 'ws-security' | null {
  if (!login) return null;
  if (checks === 'digest') return isRightDigest(request, login) ? null : 'digest';
  const field = (name: string): string => new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(body)?.[1] ?? '';
  const created = field('Created');
  const away = Math.abs(Date.parse(created) - (Date.now() + aheadS * 1000));
  const wanted = createHash('sha1')
    .update(Buffer.from(field('Nonce'), 'base64'))
    .update(created + login.password)
    .digest('base64');
  return field('Username') === login.user && field('Password') === wanted && away < 5_000 ? null : 'ws-security';
}

function isRightDigest(
  { headers, url = '' }: IncomingMessage,
  { user, password }: { user: string; password: string },
): boolean {
  const text = headers.authorization ?? '';
  const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(text)?.[1] ?? '';
  const md5 = (of: string): string => createHash('md5').update(of).digest('hex');
  const inner = [md5(`${user}:cam:${password}`), 'n1', field('nc'), field('cnonce'), 'auth', md5(`POST:${url}`)];
  return text.startsWith('Digest ') && field('response') === md5(inner.join(':'));
}

function dateAndTime(now: Date): string {
  const time = `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>`;
  const date = `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>`;
  return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>${time}${date}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
}

function profileOf(token: string, codec: string, width: number, height: number): string {
  return `<trt:Profiles token="${token}"><tt:Name>${token} stream</tt:Name><tt:VideoSourceConfiguration token="c1"><tt:SourceToken>v1</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="e1"><tt:Encoding>${codec}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>`;
}

function envelope(body: string): string {
  return (
    '<?xml version="1.0"?>\n <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" ' +
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl">' +
    `<s:Body>\n ${body} \n</s:Body></s:Envelope>`
  );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
