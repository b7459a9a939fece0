import { describe, expect, it } from 'vitest';
import { faultSentence, readEntry } from './feedEntry.js';

const URL = 'rtsp://10.0.0.5/Streaming/Channels/101';
const fault = (raw: unknown): string => {
  const row = readEntry(raw, 'entry 3 (line 12)');
  return row.fault === null ? 'taken' : faultSentence(row.fault);
};

describe('an entry of a list', () => {
  it('is read from text as from values, and what it leaves out is left open', () => {
    expect(readEntry({ name: ' Gate ', url: URL }, 'entry 1')).toEqual({
      ...{ place: 'entry 1', fault: null },
      entry: { key: 'Gate', url: URL, login: null, settings: { name: 'Gate' } },
    });
    const own = { key: 12, name: 'Gate', url: URL, user: 'a', password: 1234, labels: ['x', 'y', 'x'], enabled: false };
    const text = { ...own, key: '12', password: '1234', labels: 'x; y;x', enabled: 'No', mode: '' };
    const entry = {
      ...{ key: '12', url: URL, login: { user: 'a', password: '1234' } },
      settings: { name: 'Gate', labels: ['x', 'y'], enabled: false },
    };
    for (const raw of [own, text]) expect(readEntry(raw, 'row 2').entry).toEqual(entry);
  });

  it('has its key for a name where it has no name', () => {
    expect(readEntry({ key: 'K1', url: URL }, 'item 1').entry).toMatchObject({ key: 'K1', settings: { name: 'K1' } });
  });

  it.each([
    [{ url: URL }, 'Entry 3 (line 12) has no name.'],
    [{ name: 'Gate' }, 'Entry 3 (line 12), "Gate", has no url.'],
    [{ name: 'Gate', url: ['x'] }, 'Entry 3 (line 12), "Gate", has a url that is no text: put it in quotes.'],
    [{ name: '\u200B', url: URL }, 'Entry 3 (line 12) has a name that cannot be read.'],
    [{ name: 'Gate', url: URL, password: 'x' }, 'Entry 3 (line 12), "Gate", has a password and no user.'],
    [
      { name: 'Gate', url: URL, lable: 'x' },
      'Entry 3 (line 12), "Gate", has the field "lable", which camlease does not know.',
    ],
    [
      { name: 'Gate', url: URL, enabled: 'perhaps' },
      'Entry 3 (line 12), "Gate", has an enabled that is neither true nor false.',
    ],
    [`rtsp://admin:geheim@10.0.0.5/`, 'Entry 3 (line 12) is no set of fields such as name and url.'],
    [{ name: 'Gate', url: 'x'.repeat(2_049) }, 'Entry 3 (line 12), "Gate", has a url of more than 2048 characters.'],
  ])('%j is told by its place: %s', (raw, sentence) => {
    expect(fault(raw)).toBe(sentence);
  });

  it('repeats no secret in what it tells', () => {
    const secret = 'geheim99';
    const wrong: unknown[] = [
      { name: 'Gate', url: URL, user: [secret], password: secret },
      { name: 'Gate', url: URL, user: 'a', password: secret.repeat(99) },
      { name: 'Gate', url: URL, [`password:${secret}!`]: null, [`password: ${secret}`]: 1 },
      { name: 'Gate', url: URL, mode: secret },
      { name: 'Gate', url: URL, labels: { secret } },
    ];
    for (const raw of wrong) {
      expect(fault(raw)).not.toBe('taken');
      expect(fault(raw)).not.toContain(secret);
    }
  });
});
