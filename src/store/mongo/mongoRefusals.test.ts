import { describe, expect, it } from 'vitest';
import { refusalOf, refusalsOf } from './mongoRefusals.js';

/** Errors as the driver makes them from MongoDB 8's answers; the server of the tests has neither validators nor shards. */
const failed = (code: number, errmsg: string, more: object = {}): Error =>
  Object.assign(new Error(errmsg), { name: 'MongoServerError', code, errmsg, ...more });
const bulkOf = (...writeErrors: object[]): Error =>
  Object.assign(new Error('bulk'), { name: 'MongoBulkWriteError', code: 11000, writeErrors });

const duplicate = (index: string, fields: string): string =>
  `E11000 duplicate key error collection: shop.cameras index: ${index} dup key: { ${fields} }`;

describe('what MongoDB says of one refused document', () => {
  it('is nothing when the document is there already, or another has its identity', () => {
    expect(refusalOf(failed(11000, duplicate('_id_', '_id: "abc"')))).toBe('exists');
    expect(refusalOf(failed(11000, duplicate('camlease_identity', 'identity: "[\\"a\\",\\"S: 1\\",1]"')))).toBe(
      'exists',
    );
    expect(refusalOf(failed(11000, duplicate('one_identity', 'identity: "x"')))).toBe('exists');
  });

  it('names the unique index and its fields, never a value', () => {
    const refusal = refusalOf(failed(11000, duplicate('serial_1', 'hikvisionDeviceSerial: "SECRET1", tenant: null')));
    expect(refusal).toMatchObject({
      message: expect.stringMatching(/unique index serial_1 on hikvisionDeviceSerial, tenant/) as unknown,
      cure: expect.stringContaining('db.cameras.dropIndex("serial_1")') as unknown,
    });
    expect(JSON.stringify(refusal)).not.toContain('SECRET1');
  });

  it('does not repeat the name of an index that is no plain name', () => {
    const refusal = refusalOf(failed(11000, duplicate('");db.dropDatabase();("', 'x: 1')));
    expect(JSON.stringify(refusal)).not.toContain('dropDatabase');
  });

  it('names the fields that a validator speaks of, never a value', () => {
    const details = {
      operatorName: '$jsonSchema',
      schemaRulesNotSatisfied: [
        { operatorName: 'additionalProperties', additionalProperties: ['fence', 'dueAt'] },
        {
          operatorName: 'properties',
          propertiesNotSatisfied: [{ propertyName: 'status', details: [{ consideredValue: 'SECRET1' }] }],
        },
        { operatorName: 'required', missingProperties: ['tenant'] },
      ],
    };
    const refusal = refusalOf(
      failed(121, 'Document failed validation', { errInfo: { failingDocumentId: 'x', details } }),
    );
    expect(refusal).toMatchObject({ message: expect.stringMatching(/fence, dueAt, status, tenant/) as unknown });
    expect(JSON.stringify(refusal)).not.toContain('SECRET1');
  });

  it('says that a document grew too large, or that a field may not change', () => {
    expect(refusalOf(failed(17419, 'Resulting document after update is larger than 16777216'))).toMatchObject({
      message: expect.stringContaining('16 MB') as unknown,
    });
    expect(refusalOf(failed(66, 'immutable field'))).toMatchObject({ cure: expect.stringContaining('_id') as unknown });
  });

  it('is told apart in a bulk, place by place', () => {
    const refusals = refusalsOf(
      bulkOf(
        { index: 0, code: 11000, errmsg: duplicate('_id_', '_id: "a"') },
        { index: 2, code: 121, errmsg: 'Document failed validation', err: { errInfo: { details: {} } } },
        { index: 5, code: 9999, errmsg: 'something new' },
      ),
    );
    expect(refusals?.get(0)).toBe('exists');
    expect(refusals?.get(2)).toMatchObject({ message: expect.stringContaining('validation rule') as unknown });
    expect(refusals?.get(5)).toMatchObject({ message: expect.stringContaining('code 9999') as unknown });
    expect(refusals?.has(1)).toBe(false);
  });

  it('is no refusal of one document when the server or the login refuses all', () => {
    expect(refusalsOf(bulkOf({ index: 0, code: 13, errmsg: 'not authorized' }))).toBeNull();
    expect(refusalsOf(failed(91, 'shutting down'))).toBeNull();
    expect(refusalOf(failed(13, 'not authorized'))).toBeNull();
  });
});
