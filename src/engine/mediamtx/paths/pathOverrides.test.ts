import { expect, test } from 'vitest';
import { bridgePath, feederPath, publicPath, pullPath, type PathConfig } from './pathConfig.js';
import { PathDefaults } from './pathDefaults.js';

const PULL = 'rtmp://live.ezvizlife.com/one';

/** One line of each kind that camlease writes. */
const LINES: Readonly<Record<string, readonly [name: string, config: PathConfig]>> = {
  'a camera on demand': ['gate', pullPath(PULL, 'watched')],
  'a bridge': ['gate', bridgePath('rtsp://127.0.0.1:8554/_lease/gate/2')],
  'a camera that is published to': ['gate', publicPath({ tracks: [] })],
  'a feeder': ['_lease/gate/2', feederPath(PULL, 'rtsp://127.0.0.1:8554/gate')],
};
const EVERY = Object.keys(LINES);
const PULLING = ['a camera on demand', 'a bridge', 'a feeder'];
const CLOUD = ['a camera on demand', 'a feeder'];
const INTERNAL = ['a feeder'];

/** An operator's default, the value that our lines set instead, and the lines that set it. All others leave the default as it is. */
const RIGHT: ReadonlyArray<readonly [field: string, theirs: unknown, ours: unknown, lines: readonly string[]]> = [
  ['srtPublishPassphrase', '0123456789abcdef', '', PULLING],
  ['sourceRedirect', 'rtsp://127.0.0.1:9/elsewhere', '', EVERY],
  ['runOnDemand', 'sleep 1', '', EVERY],
  ['runOnUnDemand', 'sleep 1', '', EVERY],
  ['useAbsoluteTimestamp', true, false, ['a camera that is published to']],
  ['sourceFingerprint', '33949E05', '', CLOUD],
  ['disablePublisherOverride', true, false, ['a camera that is published to']],
  ['sourceProtocol', 'udp', 'tcp', ['a bridge']],
  ['record', true, false, INTERNAL],
  ['maxReaders', 1, 0, INTERNAL],
  ...['Init', 'Available', 'Unavailable', 'Ready', 'NotReady', 'Online', 'Offline', 'Read', 'Unread'].map(
    (event) => [`runOn${event}`, 'sleep 1', '', INTERNAL] as const,
  ),
  ['alwaysAvailable', true, false, PULLING],
  ['forward', [{ dest: 'rtsp://127.0.0.1:9/backup' }], [], ['a feeder without forwarding']],
];

test.each(RIGHT)(
  '%s of pathDefaults is set aside where it is in the way, and nowhere else',
  (field, theirs, ours, lines) => {
    const defaults = new PathDefaults();
    defaults.learn({ [field]: theirs });
    const all = { ...LINES, 'a feeder without forwarding': ['_lease/gate/3', feederPath(PULL, null)] as const };
    const saying = Object.entries(all).filter(([, [name, config]]) => {
      const { [field]: before } = config as unknown as Record<string, unknown>;
      const { [field]: after } = defaults.fit(name, config) as unknown as Record<string, unknown>;
      if (before === undefined && after !== undefined) expect(after).toEqual(ours);
      return before === undefined && after !== undefined;
    });
    const expected = lines.includes('a feeder') ? [...lines, 'a feeder without forwarding'] : lines;
    expect(saying.map(([what]) => what)).toEqual(expected);
  },
);

test('the slate of an operator is no slate of a camera', () => {
  const defaults = new PathDefaults();
  defaults.learn({ alwaysAvailableFile: '/slates/theirs.mp4', alwaysAvailableTracks: [{ codec: 'H264' }] });
  expect(defaults.fit('gate', publicPath({ tracks: [{ codec: 'H265' }] }))).toMatchObject({
    alwaysAvailableFile: '',
    alwaysAvailableTracks: [{ codec: 'H265' }],
  });
  expect(defaults.fit('gate', publicPath({ file: '/slates/gate.mp4' }))).toMatchObject({
    alwaysAvailableFile: '/slates/gate.mp4',
    alwaysAvailableTracks: [],
  });
});
