import { describe, expect, it } from 'vitest';
import { plainText } from '../../http/shapes/schemas.js';
import { cleanName, LONGEST_NAME } from './cameraName.js';

describe('a name from a cloud', () => {
  it.each([
    ['blanks around and within', '  Gate \t\n  north ', 'Gate north'],
    ['control characters', 'Ga\u0000te\u001b[31m', 'Ga te [31m'],
    ['marks that turn what follows', '\u202Egnp.exe\u2069 Gate', 'gnp.exe Gate'],
    ['two ways to write one letter', 'Cafe\u0301', 'Caf\u00e9'],
    ['half a character', 'Gate \ud83d', 'Gate'],
    ['line separators', 'Gate\u2028north', 'Gate north'],
    ['nothing but blanks', ' \u00a0\u3000 ', ''],
    ['nothing that can be seen', '\u200b\u200b\ufeff', ''],
    ['joiners that a script needs', '\u0645\u06cc\u200c\u062e\u0648', '\u0645\u06cc\u200c\u062e\u0648'],
  ])('loses %s', (_, raw, clean) => {
    expect(cleanName(raw)).toBe(clean);
    expect(cleanName(clean)).toBe(clean);
  });

  it('is cut as long as names of people may be, and never within a character', () => {
    const cut = cleanName('\u{1f4f7}'.repeat(400_000));
    expect(cut).toBe('\u{1f4f7}'.repeat(LONGEST_NAME / 2));
  });

  it('is a name that a person could have given', () => {
    for (const raw of ['Gate\u0007', ' \u202Ex', 'y'.repeat(300), 'Cafe\u0301 '])
      expect(plainText(LONGEST_NAME).parse(cleanName(raw))).toBe(cleanName(raw));
  });
});
