import { describe, expect, it } from 'vitest';
import { readMasterItems, type ItemsForm } from './masterItems.js';

const FORM: ItemsForm = { items: null, fields: { key: 'equipId', url: 'rtspUrl', name: 'place.title' }, login: null };
const read = (answer: unknown, form: Partial<ItemsForm> = {}): ReturnType<typeof readMasterItems> =>
  readMasterItems(typeof answer === 'string' ? answer : JSON.stringify(answer), { ...FORM, ...form });

describe('the answer of a master list', () => {
  it('is mapped by its fields, wherever they and the list lie', () => {
    const items = [{ equipId: 7, rtspUrl: 'rtsp://10.0.0.5/7', place: { title: 'Main St' } }];
    const entry = { key: '7', url: 'rtsp://10.0.0.5/7', login: null, settings: { name: 'Main St' } };
    expect(read(items)).toEqual({ problem: null, skipped: 0, rows: [{ place: 'item 1', entry, fault: null }] });
    expect(read({ data: { list: items } }, { items: 'data.list' })).toMatchObject({ rows: [{ entry }] });
    const login = { user: 'admin', password: 'x' };
    expect(read(items, { login })).toMatchObject({ rows: [{ entry: { ...entry, login } }] });
    const own = [{ equipId: 7, rtspUrl: 'rtsp://a:b@10.0.0.5/7' }];
    expect(read(own, { login })).toMatchObject({ rows: [{ entry: { login: null } }] });
  });

  it('skips and counts items that lack fields; one with an id alone is still listed', () => {
    const items = [
      { equipId: 'a', rtspUrl: '' },
      { rtspUrl: 'rtsp://x/1' },
      null,
      'text',
      { equipId: {}, rtspUrl: 'rtsp://x/1' },
    ];
    expect(read(items)).toMatchObject({
      skipped: 5,
      rows: [{ entry: null, fault: { key: 'a', message: 'has no url' } }],
    });
  });

  it.each([
    ['<html>', 'answered something that is no JSON'],
    ['', 'answered something that is no JSON'],
    ['{"error":"no"}', 'answered JSON that is no list'],
    ['null', 'answered JSON that is no list'],
    [JSON.stringify(Array.from({ length: 10_001 }, () => 0)), 'answered 10001 items, more than 10000'],
  ])('%.12s… is no list', (text, problem) => {
    expect(read(text)).toEqual({ problem });
  });

  it('finds no list in what every object has', () => {
    expect(read({}, { items: 'constructor.name' })).toEqual({
      problem: 'answered JSON that has no list at "constructor.name"',
    });
  });
});
