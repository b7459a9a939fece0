import { describe, expect, it } from 'vitest';
import { isLocalhost, sourceHost, sourceNetworks, wrongNetworks } from './sourceNetworks.js';

const usual = sourceNetworks('');

describe('which addresses may be dialled', () => {
  it.each(
    `192.168.1.20 10.0.0.5 172.16.3.4 100.64.0.7 8.8.8.8 93.184.215.14 fd12:3456::20 2a00:1450::5
    ::ffff:192.168.1.20 64:ff9b::8.8.8.8 2002:0808:0808::1`.split(/\s+/),
  )('private networks and public hosts: %s', (ip) => {
    expect(usual.isAllowed(ip)).toBe(true);
  });

  it.each(
    `127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 169.254.169.254 169.254.0.1 100.100.100.200 168.63.129.16 192.0.0.192
    224.0.0.1 239.255.255.250 255.255.255.255 240.0.0.1
    :: ::1 0:0:0:0:0:0:0:1 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 fd00:ec2::254 FD00:EC2::254 fd20:ce::254
    fd00:42::42 fd00:c1::a9fe:a9fe 2001:0:1::1
    ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1
    64:ff9b::a9fe:a9fe 64:ff9b:1::127.0.0.1 2002:7f00:1:: 2002:a9fe:a9fe::1 ::ffff:0.0.0.0`.split(/\s+/),
  )('never this machine, its links, a metadata service or everybody: %s', (ip) => {
    expect(usual.isAllowed(ip)).toBe(false);
  });

  it.each([
    '',
    'camera.example.org',
    '2130706433',
    '0x7f.1',
    '127.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '1.2.3.256',
    '10.0.0.1 ',
  ])('nothing that is no IP address in its usual form: %o', (text) => {
    expect(sourceNetworks('0.0.0.0/0, ::/0').isAllowed(text)).toBe(false);
  });

  it('what the operator names as well, however it is written', () => {
    const named = sourceNetworks(' 127.0.0.0/8 ,::1, 169.254.10.9/32,');
    for (const ip of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '169.254.10.9', '10.0.0.1'])
      expect([ip, named.isAllowed(ip)]).toEqual([ip, true]);
    for (const ip of ['169.254.10.8', '0.0.0.0', 'fe80::1', '::2'])
      expect([ip, named.isAllowed(ip)]).toEqual([ip, false]);
    expect(sourceNetworks('10.1.2.3/7').isAllowed('11.0.0.1')).toBe(true);
    expect(sourceNetworks('fe80::/10').isAllowed('fe80::1%eth0')).toBe(true);
  });

  it('are said to be wrong where they are none', () => {
    expect(wrongNetworks('')).toEqual([]);
    expect(wrongNetworks('10.0.0.0/8, 192.168.0.1, fd00::/8')).toEqual([]);
    const wrong = ['10.0.0.0/33', '10/8', 'localhost', '::/129', '10.0.0.0/8/8', '1.2.3.4/', '10.0.0.0/-1', '0x7f.1/8'];
    expect(wrongNetworks(wrong.join(','))).toEqual(wrong);
    for (const text of wrong) expect(sourceNetworks(text).isAllowed('127.0.0.1')).toBe(false);
    expect(wrongNetworks(Array.from({ length: 201 }, (_, at) => `10.0.0.${at}`).join(','))).toEqual(['10.0.0.200']);
  });
});

describe('the host of a URL', () => {
  it.each([
    ['2130706433', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['0x7F000001', '127.0.0.1'],
    ['0177.0.0.1', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['２１３０７０６４３３', '127.0.0.1'],
    ['127。0。0。1', '127.0.0.1'],
    ['192.168.1.20', '192.168.1.20'],
    ['[::1]', '::1'],
    ['::FFFF:127.0.0.1', '::ffff:7f00:1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('%s is the address %s', (text, host) => {
    expect(sourceHost(text)).toEqual({ kind: 'address', host });
  });

  it.each([
    ['Camera.Example.ORG.', 'camera.example.org'],
    ['kamera-straße.example', 'xn--kamera-strae-v9a.example'],
    ['localhost', 'localhost'],
    ['gate', 'gate'],
    ['gate_1.lan', 'gate_1.lan'],
  ])('%s is the name %s', (text, host) => {
    expect(sourceHost(text)).toEqual({ kind: 'name', host });
  });

  it.each([
    '',
    '.',
    'a b',
    'a@b',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'a%2eb',
    'a\nb',
    'a\0b',
    '127.0.0.1\t',
    '[::1',
    '[::g]',
    '1.2.3.4.5',
    '256.1.1.1',
    '0x1ffffffff',
    'camera:554',
  ])('%o is none', (text) => {
    expect(sourceHost(text)).toBeNull();
  });

  it('may be a name that means this machine', () => {
    for (const name of ['localhost', 'LOCALHOST.', 'a.localhost', 'localhost.localdomain'])
      expect([name, isLocalhost(name)]).toEqual([name, true]);
    for (const name of ['localhost.example.org', 'mylocalhost', 'gate'])
      expect([name, isLocalhost(name)]).toEqual([name, false]);
  });
});
