import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { pullPath } from '../paths/pathConfig.js';
import { putTogether, takeApart } from './configText.js';
import { isMarkPath, MARK_PATH, markConfig } from './fileMark.js';

const gate = pullPath('rtmp://h/app#gate?e=1', 'watched');
const yard = pullPath('rtmp://h/app#yard?e=1', 'watched');
const marked = { [MARK_PATH]: markConfig('rtmpSource') };
const isOwn = (name: string): boolean => name === 'gate' || name === 'yard';

function rewritten(text: string, paths = { gate, yard }): string {
  return putTogether(takeApart(text, isOwn), new Map(Object.entries(paths)), 'rtmpSource');
}

/** The operator's lines. */
function foreignLines(text: string): string {
  return text.replaceAll(/^.*"(?:gate|yard|_camlease\/file)": .*\n/gm, '');
}

const operators = `# my MediaMTX
logLevel: debug    # two blanks and a remark

authInternalUsers:
- user: any
  permissions:
  - action: read

paths:
    # the door, by hand
    door:
        source: rtsp://192.168.1.20/stream   # do not touch
        runOnInit: |
            echo one
            echo two

    all_others:

# behind the paths
webrtc: yes
`;

describe('a configuration file', () => {
  test('keeps every byte of its operator, and takes our paths', () => {
    const text = rewritten(operators);
    expect(foreignLines(text)).toBe(operators);
    expect(parse(text)).toMatchObject({ logLevel: 'debug', paths: { door: {}, gate, yard, all_others: null } });
  });

  test('is the same however often it is written', () => {
    const once = rewritten(operators);
    expect(putTogether(takeApart(once, isOwn), new Map(Object.entries({ yard, gate })), 'rtmpSource')).toBe(once);
  });

  test('loses our paths and nothing else when none is wanted', () => {
    expect(putTogether(takeApart(rewritten(operators), isOwn), new Map(), null)).toBe(operators);
  });

  test('names a field once where an operator wrote the very one that a line of ours has to say', () => {
    const byHand = `paths:\n  "gate": {"source": "rtmp://h/a#b", "runOnDemand": "", "record": true}\n  yard:\n    runOnDemand: ''\n`;
    const said = { gate: { ...gate, runOnDemand: '' }, yard: { ...yard, runOnDemand: '' } };
    const text = rewritten(byHand, said);
    // MediaMTX exits over two fields of one name.
    expect(parse(text)).toMatchObject({
      paths: { gate: { record: true, runOnDemand: '' }, yard: { runOnDemand: '' } },
    });
    expect(text.match(/runOnDemand/g)).toHaveLength(2);
    expect(rewritten(text, said)).toBe(text);
  });

  test('tells foreign paths from ours, and finds the mark', () => {
    const parts = takeApart(rewritten(operators), isOwn);
    expect([...parts.foreign]).toEqual(['door', 'all_others']);
    expect(parts.mark).toBe('rtmpSource');
  });

  test('has one mark, and none where earlier ones stood', () => {
    const former = { ...gate, rpiCameraTextOverlay: 'camlease 1' };
    const text = putTogether(
      takeApart(
        JSON.stringify({ paths: { gate: former, '_camlease/file-0': {}, [MARK_PATH]: markConfig('srtSource') } }),
        isOwn,
      ),
      new Map([['gate', gate]]),
      'hlsSource',
    );
    const { paths } = parse(text) as { paths: Record<string, unknown> };
    expect(paths['gate']).toEqual(gate);
    expect(Object.entries(paths).filter(([name]) => isMarkPath(name))).toEqual([[MARK_PATH, markConfig('hlsSource')]]);
  });

  test('keeps what the operator added to a path of ours, even over several lines', () => {
    const text = `paths:\n  gate:\n    source: rtmp://old/app#x\n    record: yes # keep\n  # between\n  door:\n    source: publisher\n`;
    const written = rewritten(text);
    expect(parse(written)).toMatchObject({
      paths: { gate: { ...gate, record: 'yes' }, door: { source: 'publisher' } },
    });
    expect(written).toContain('  # between\n  door:\n    source: publisher\n');
    expect(written).not.toContain('rtmp://old');
  });

  test.each([
    ['nothing at all', ''],
    ['only a remark', '# nothing here\n'],
    ['no paths', 'logLevel: info\n'],
    ['no line end', 'logLevel: info\npaths:'],
    ['paths with a remark', 'paths: # mine\nlogLevel: info\n'],
    ['empty paths', 'paths: {}\nlogLevel: info\n'],
    ['paths that are null', 'paths: null\nlogLevel: info\n'],
    ['paths that are ~', 'paths: ~ # none\nlogLevel: info\n'],
    ['paths on one line', 'paths: {door: {source: publisher}}\nlogLevel: info\n'],
    ['all on one line', '{logLevel: info, paths: {door: {source: publisher}}}'],
    ['JSON without paths', '{\n  "logLevel": "info"\n}\n'],
    ['an empty object', '# nothing\n{}\n'],
    ['Windows line ends', 'logLevel: info\r\npaths:\r\n  door:\r\n    source: publisher\r\n'],
  ])('takes our paths when it has %s', (_what, text) => {
    const before = (parse(text) ?? {}) as Record<string, unknown>;
    const foreign = (before['paths'] ?? {}) as Record<string, unknown>;
    expect(parse(rewritten(text))).toEqual({ ...before, paths: { ...foreign, ...marked, gate, yard } });
  });

  test.each([
    ['broken YAML', 'paths:\n  a: {source: rtmp://secret.example/x\n'],
    ['a name that stands twice', 'a: 1\na: 2\n'],
    ['a list', '- a\n- b\n'],
    ['paths that are a list', 'paths:\n  - a\n'],
  ])('is refused when it has %s, and the reason quotes nothing of it', (_what, text) => {
    let reason = '';
    try {
      takeApart(text, isOwn);
    } catch (thrown) {
      reason = String(thrown);
    }
    expect(reason).toMatch(/^UnreadableText: /);
    expect(reason).not.toContain('secret');
  });

  test('never takes a name or a source that could break out of its line', () => {
    const parts = takeApart('', isOwn);
    expect(() => putTogether(parts, new Map([['a"\nb', gate]]), null)).toThrow('path name');
    const odd = { ...gate, source: 'x"\n  y: {z}' };
    expect(parse(putTogether(parts, new Map([['gate', odd]]), null))).toEqual({ paths: { gate: odd } });
  });
});
