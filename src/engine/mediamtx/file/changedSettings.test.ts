import { expect, test } from 'vitest';
import { changedSettings } from './changedSettings.js';

const changed = (before: string, after: string): readonly string[] =>
  changedSettings(before, after, (path) => path === 'gate');

const BLOCK =
  'logLevel: info\nwriteQueueSize: 512\npathDefaults:\n  record: no\n  # a remark\n  maxReaders: 3\npaths:\n  door:\n    source: publisher\n';
const FLOW = '{"logLevel": "info", "pathDefaults": {"record": false, "maxReaders": 3}, "paths": {"door": {}}}';

test.each<[string, string, string, readonly string[]]>([
  ['a value', BLOCK, BLOCK.replace('512', '7'), ['writeQueueSize']],
  ['a default', BLOCK, BLOCK.replace('record: no', 'record: yes'), ['pathDefaults.record']],
  ['one that came', BLOCK, `rtspAddress: x\n${BLOCK}`, ['rtspAddress']],
  ['one that went', BLOCK, BLOCK.replace('logLevel: info\n', ''), ['logLevel']],
  ['a default that came', BLOCK, BLOCK.replace('  record', '  runOnInit: x\n  record'), ['pathDefaults.runOnInit']],
  ['a field of a path', BLOCK, BLOCK.replace('publisher', 'rtsp://user:secret@h/'), ['paths.door']],
  ['the first path', 'paths:\n', 'paths:\n  shed: {}\n', ['paths.shed']],
  ['a list', 'a:\n  - x: 1\n    y: 2\n', 'a:\n  - x: 1\n  - y: 2\n', ['a']],
  ['braces', FLOW, FLOW.replace('info', 'warn').replace('3', '4'), ['logLevel', 'pathDefaults.maxReaders']],
  ['other braces', 'pathDefaults: {a: 1}\n', 'pathDefaults: {a: 1, b: 2}\n', ['pathDefaults.b']],
  ['a group without fields', 'pathDefaults: {}\n', 'pathDefaults: *x\n', ['pathDefaults']],
])('%s is told by its name, never by what it says', (_what, before, after, names) => {
  expect(changed(before, after)).toEqual(names);
});

test.each<[string, string, string]>([
  ['a remark', BLOCK, BLOCK.replace('a remark', 'another').replace('3\n', '3 # mine\n')],
  ['an order', 'a: 1\nb: 2\n', 'b: 2\na: 1\n'],
  ['a path of ours', BLOCK, `${BLOCK}  "gate": {"source": "rtmp://h/a"}\n`],
  ['a text that cannot be read', BLOCK, 'paths: ['],
])('%s changes no setting', (_what, before, after) => {
  expect(changed(before, after)).toEqual([]);
});
