import { describe, expect, it } from 'vitest';
import { faultSentence } from '../core/feeds/feedEntry.js';
import { readConfig, type Config } from './config.js';

function good(file: string): Config {
  const { config, mistakes } = readConfig({}, file);
  if (!config) throw new Error(mistakes.join('\n'));
  return config;
}
const mistakes = (file: string): string => readConfig({}, file).mistakes?.join('\n') ?? '';

describe('the cameras that camlease.yml lists', () => {
  it('are read with the line of each, and what is wrong with one costs the others nothing', () => {
    const { cameraList, cameras } = good(
      [
        'cameras:',
        '  - {name: Gate, url: "rtsp://10.0.0.5/ch1", user: admin, password: 0123}',
        '  # the yard has none yet',
        '  - name: Yard',
        '    password: hunter2',
        '  -',
        '    key: 007',
        '    name: Hall',
        '    url: rtsp://admin:hunter2@10.0.0.6/ch1',
        '  - {id: 0123456789abcdef01234567, mode: direct}',
        '',
      ].join('\n'),
    );
    expect(cameraList?.map(({ entry }) => entry)).toEqual([
      {
        ...{ key: 'Gate', url: 'rtsp://10.0.0.5/ch1', settings: { name: 'Gate' } },
        login: { user: 'admin', password: '0123' },
      },
      null,
      { key: '007', url: 'rtsp://admin:hunter2@10.0.0.6/ch1', login: null, settings: { name: 'Hall' } },
    ]);
    const faults = cameraList?.flatMap(({ fault }) => (fault === null ? [] : [faultSentence(fault)]));
    expect(faults).toEqual(['Entry 2 of cameras (line 4), "Yard", has no url.']);
    expect(cameras).toEqual({ '0123456789abcdef01234567': { mode: 'direct' } });
  });

  it('may say where each is, and what is noted of it, with numbers as they are written', () => {
    const { cameraList } = good(
      [
        'cameras:',
        '  - name: Gate',
        '    url: rtsp://10.0.0.5/ch1',
        '    sound: off',
        '    location: 12',
        '    city: Bath',
        '    coordinates: { lat: 51.38, lng: -2.36 }',
        '    attributes: { floor: 02, isIndoor: true }',
        '  - { name: Yard, url: "rtsp://10.0.0.6/ch1", lat: 91, lng: 0 }',
        '',
      ].join('\n'),
    );
    expect(cameraList?.[0]?.entry?.settings).toEqual({
      ...{ name: 'Gate', sound: 'off' },
      about: {
        ...{ location: '12', city: 'Bath', coordinates: { lat: 51.38, lng: -2.36 } },
        attributes: { floor: '02', isIndoor: 'true' },
      },
    });
    expect(cameraList?.[1]?.fault?.message).toContain('has coordinates that are no degrees');
  });

  it('are none where the file has settings of cameras by their ids, or nothing', () => {
    expect(good('cameras:\n  gate: {mode: direct}\n')).toMatchObject({ cameraList: null, cameras: { gate: {} } });
    expect(good('')).toMatchObject({ cameraList: null, lists: [] });
    expect(good('cameras: []\n').cameraList).toEqual([]);
  });
});

describe('the lists of camlease.yml', () => {
  it('have their times, and the fields of an item', () => {
    const file =
      'lists:\n  - {name: city, url: "https://city.test/cams?key=1", fields: {id: equipId, url: a.rtspUrl, name: title}}\n' +
      '  - {name: two, url: "http://x/", every: 2 min, timeout: 5, items: data.list, headers: {X-Key: "1"}, login: {user: a}, fields: {key: k, url: u}}\n';
    expect(good(file).lists).toEqual([
      {
        ...{ name: 'city', url: 'https://city.test/cams?key=1', everyMs: 30_000, timeoutMs: 10_000, headers: {} },
        ...{ items: null, login: null, fields: { key: 'equipId', url: 'a.rtspUrl', name: 'title' } },
      },
      {
        ...{ name: 'two', url: 'http://x/', everyMs: 120_000, timeoutMs: 5_000, headers: { 'X-Key': '1' } },
        ...{ items: 'data.list', login: { user: 'a', password: '' }, fields: { key: 'k', url: 'u' } },
      },
    ]);
  });

  it.each([
    ['{name: file, url: "http://x", fields: {id: a, url: b}}', 'must be none of file, import'],
    ['{name: a, url: "file:///etc/passwd", fields: {id: a, url: b}}', 'must be an http or https address'],
    ['{name: a, url: "http://x", fields: {id: a}}', 'must say which field is the url'],
    ['{name: a, url: "http://x", fields: {url: a}}', 'must say which field is the id'],
    ['{name: a, url: "http://x", every: 1 s, fields: {id: a, url: b}}', 'from 5 s to 86400 s'],
    ['{name: a, url: "http://x", fields: {id: a, url: b, colour: c}}', 'fields'],
    [
      '{name: a, url: "http://x", headers: {Key: "hunter2\\r\\nHost: y"}, fields: {id: a, url: b}}',
      'must be plain text',
    ],
  ])('refuse %s', (entry, sentence) => {
    const told = mistakes(`lists:\n  - ${entry}\n`);
    expect(told).toContain(sentence);
    expect(told).not.toContain('hunter2');
  });

  it('have a name each', () => {
    const list = '  - {name: a, url: "http://x", fields: {id: a, url: b}}\n';
    expect(mistakes(`lists:\n${list}${list}`)).toContain('lists.1.name: is given twice');
  });
});
