import { describe, expect, it } from 'vitest';
import { faultSentence } from './feedEntry.js';
import { readCsv, readJsonEntries, type ReadRows } from './csvRows.js';

const gate = {
  key: 'Gate',
  url: 'rtsp://10.0.0.5/1',
  login: { user: 'a', password: '01,2' },
  settings: { name: 'Gate' },
};
function taken(read: ReadRows): unknown[] {
  if (read.problem !== null) return [read.problem];
  return read.rows.map((row) => row.entry ?? faultSentence(row.fault));
}

describe('a table of cameras', () => {
  it.each([
    ['commas', 'name,url,user,password\nGate,rtsp://10.0.0.5/1,a,"01,2"\n'],
    [
      'semicolons and a mark of UTF-8, as Excel writes',
      '\uFEFFName;Address;User;Password\r\nGate;rtsp://10.0.0.5/1;a;01,2\r\n\r\n;;;\r\n',
    ],
    ['tabs', 'url\tname\tuser\tpassword\nrtsp://10.0.0.5/1\tGate\ta\t01,2'],
  ])('is read with %s', (_what, text) => {
    expect(taken(readCsv(text))).toEqual([gate]);
  });

  it('names the line of a row that cannot be taken', () => {
    const text =
      'name,url,labels\nGate,,x\n"Two\nlines",rtsp://10.0.0.5/2,"a;b"\nYard,rtsp://x/1,a,b\n,rtsp://10.0.0.5/3,\n';
    expect(taken(readCsv(text))).toEqual([
      'Line 2, "Gate", has no url.',
      expect.objectContaining({ settings: { name: 'Two lines', labels: ['a', 'b'] } }),
      'Line 5 has more columns than the first line: a text with a comma needs quotes.',
      'Line 6 has no name.',
    ]);
  });

  it.each([
    ['name,colour,url\n', 'The table has a column "colour" that is unknown.'],
    ['Gate,rtsp://admin:geheim@10.0.0.5/1\n', 'The table has a column "Gate" that is unknown.'],
    ['name\nGate\n', 'The table has no column "url".'],
    ['', 'The table has no column "url".'],
    ['name,url\n"Gate,rtsp://admin:geheim@x/1\n', 'The table cannot be read (line 2): quotes do not match.'],
    [`name,url\n${'a,b\n'.repeat(10_001)}`, 'The table has more than 10000 rows.'],
  ])('is none: %.40j', (text, problem) => {
    expect(taken(readCsv(text))).toEqual([problem]);
  });
});

it('a JSON body may be a list, or hold one', () => {
  const raw = [{ name: 'Gate', url: 'rtsp://10.0.0.5/1', user: 'a', password: '01,2' }];
  for (const body of [raw, { cameras: raw }]) expect(taken(readJsonEntries(body))).toEqual([gate]);
  for (const body of [{}, 'x', null, { cameras: {} }])
    expect(taken(readJsonEntries(body))).toEqual(['The body holds no list of cameras.']);
});
