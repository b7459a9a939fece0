import { describe, expect, it } from 'vitest';
import { renderCloudErrors } from '../../../test/support/clouds/cloudErrorDocs.js';
import { EZVIZ_ERRORS, ezvizEntry, isKnownEzvizCode } from '../ezvizPlatform/ezvizErrors.js';
import { HIK_ERRORS, hikFailure } from '../hikConnect/hikErrors.js';
import { cameraError, OWN_ERRORS, presentableCode, type ErrorTable } from './errorTable.js';

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
const open = (...numbers: number[]): string[] => numbers.map((number) => `OPEN${String(number).padStart(6, '0')}`);

/** Every code that the vendors' documents and measured replies name, by failure class. */
const HIK_CODES: Readonly<Record<string, readonly string[]>> = {
  permanent: [
    ...open(1, 2, 3, 4, 5, 8, 10, ...range(26, 30), 21, 22, 24, 25, 31, 501, 503, 300002),
    ...['EVZ20002', 'EVZ20010', 'EVZ20013', 'EVZ20014', 'EVZ20015', 'EVZ20017', 'EVZ20018', 'EVZ60019', 'EVZ10001'],
    'EVZ9053',
    ...['LAP000001', 'LAP300001', 'LAP300002', 'VMS021307'],
  ],
  retry: [
    ...open(0, 9, 11, 18, 19, 23, 550, 552, 555, 556),
    ...['EVZ20008', 'EVZ10029', 'EVZ20006', 'EVZ49999', 'EVZ50000'],
    ...['LAP000004', 'VMS000009', 'VMS001000', 'VMS001001'],
  ],
  reauth: open(6, 7),
  quota: ['EVZ10006', 'EVZ10007'],
  'camera-state': ['OPEN000554', 'EVZ20007', 'VMS021314', 'VMS022543'],
};

const EZVIZ_CODES: Readonly<Record<string, readonly number[]>> = {
  permanent: [
    ...[
      403,
      404,
      9053,
      10001,
      10004,
      10005,
      10013,
      10017,
      10030,
      10031,
      ...range(10032, 10036),
      20001,
      20002,
      20010,
      20014,
    ],
    ...[20015, 20018, 20032, 60019, 60020, 60058, 60060, 60063, 60203, 70003, 70004],
  ],
  retry: [10029, 20006, 20008, 49999, 50000, 60012, 60017, 60062],
  reauth: [401, 10002, 10003, 10014, 10018],
  quota: [10006, 10007, 10026, 10028, 60061],
  'camera-state': [20007, 60026],
};

describe('the error tables', () => {
  it.each(Object.entries(HIK_CODES))('know every %s code of hccgw', (failureClass, codes) => {
    for (const code of codes)
      expect([code, hikFailure(code, '')]).toMatchObject([code, { code, entry: { failureClass } }]);
    for (const code of codes) expect(hikFailure(code, '').entry.message).not.toContain('do not know');
  });

  it.each(Object.entries(EZVIZ_CODES))('know every %s code of EZVIZ', (failureClass, codes) => {
    for (const code of codes.map(String)) {
      expect([code, isKnownEzvizCode(code), ezvizEntry(code).failureClass]).toEqual([code, true, failureClass]);
    }
  });

  it.each(['60019', '9053'])('say that %s is a matter of the camera’s settings, at both vendors', (code) => {
    const entries = [ezvizEntry(code), hikFailure(`EVZ${code}`, '').entry];
    for (const entry of entries) expect(cameraError(code, entry)).toMatchObject({ ofSettings: true });
    expect(cameraError('20002', ezvizEntry('20002'))).toMatchObject({ ofSettings: false });
  });

  it('speak in sentences and name a cure', () => {
    for (const table of [OWN_ERRORS, HIK_ERRORS, EZVIZ_ERRORS] satisfies ErrorTable[]) {
      for (const [code, { message, cure }] of Object.entries(table)) {
        for (const sentence of [message, cure])
          expect([code, sentence]).toEqual([code, expect.stringMatching(/^(?:[A-Z]|camlease ).*[.]$/)]);
      }
    }
  });

  it('are what docs/cloud-errors.md shows', async () => {
    await expect(renderCloudErrors()).toMatchFileSnapshot('../../../docs/cloud-errors.md');
  });
});

describe('which code of an hccgw failure counts', () => {
  it.each([
    [
      'the inner one, when the outer says nothing',
      'OPEN010001',
      'DEVICE_OFFLINE{EVZ20007}',
      'EVZ20007',
      'camera-state',
    ],
    ['an unknown inner one, when the outer says nothing', 'OPEN010001', 'SOMETHING{CCF038052}', 'CCF038052', 'retry'],
    ['the inner one, when both are known', 'OPEN000552', 'DEVICE_OFFLINE{EVZ20007}', 'EVZ20007', 'camera-state'],
    ['the outer one, when only that is known', 'OPEN000503', 'SOMETHING{XYZ1}', 'OPEN000503', 'permanent'],
    ['the outer one, when there are no braces', 'OPEN000503', 'Resource does not exist', 'OPEN000503', 'permanent'],
    [
      'an unknown one by the word TOKEN in its name',
      'OPEN777777',
      'TOKEN_WITHERED{OPEN777777}',
      'OPEN777777',
      'reauth',
    ],
    ['a known one before its name', 'OPEN000503', 'TOKEN_WITHERED{OPEN000503}', 'OPEN000503', 'permanent'],
    ['an unknown one, tried again', 'OPEN777777', 'ODD{OPEN777777}', 'OPEN777777', 'retry'],
    ['an EZVIZ code by its number', 'EVZ10002', '', 'EVZ10002', 'reauth'],
    ['a name that every object has, as unknown', 'constructor', '', 'constructor', 'retry'],
  ] as const)('%s', (_, outer, text, code, failureClass) => {
    expect(hikFailure(outer, text)).toMatchObject({ code, entry: { failureClass } });
  });

  it('is never shown when it could be something else than a code', () => {
    expect(presentableCode('OPEN000001')).toBe('OPEN000001');
    expect(presentableCode('rtmp://host/secret')).toBe('CLOUD_CODE_UNREADABLE');
  });
});
