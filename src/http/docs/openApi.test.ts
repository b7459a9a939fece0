import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { ERROR_CODES } from '../../core/errors.js';
import { ENGINE_REFUSALS } from '../../core/refusals.js';
import { ROUTES } from '../routes.js';
import { openApiDocument } from './openApi.js';

it('describes every route, and no other', () => {
  const served = ROUTES.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  const described = Object.entries(openApiDocument(ROUTES, '1', ['hikconnect', 'ezviz']).paths ?? {}).flatMap(
    ([path, item]) => Object.keys(item).map((method) => `${method} ${path}`),
  );
  expect(described.sort()).toEqual([...served].sort());
});

it('is served as JSON and as a page that needs nothing else', async () => {
  const client = await serve(fakeHouse());
  const document = await client.send('GET', '/api/openapi.json');
  expect(document.json).toMatchObject({ openapi: '3.1.0', info: { title: 'camlease' } });
  expect(document.text).toContain('"#/components/schemas/Camera"');
  const page = await client.send('GET', '/api/docs');
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.text).toContain('/api/hikvision/initialize');
  expect(page.text).not.toMatch(/<script|<link|src=/);
});

it('the page shows the form of every reply that has one, of errors too', async () => {
  const page = (await (await serve(fakeHouse())).send('GET', '/api/docs')).text;
  const replies = Object.values(openApiDocument(ROUTES, '1', ['hikconnect', 'ezviz']).paths ?? {}).flatMap((item) =>
    Object.values(item as Record<string, { responses: Record<string, { content?: Record<string, unknown> }> }>),
  );
  const forms = replies
    .flatMap(({ responses }) => Object.values(responses))
    .flatMap(({ content }) => Object.keys(content ?? {}));
  expect(forms.length).toBeGreaterThan(80);
  const [routesPart = ''] = page.split('<h1>Codes</h1>');
  const shown = routesPart.match(/<dd>.*?<\/dd>/gs) ?? [];
  const withForm = shown.filter((reply) =>
    /<a href="#[A-Za-z]+">|<summary>Form<\/summary>|<code>[a-z]+\/[a-z-]+<\/code>/.test(reply),
  );
  expect(withForm).toHaveLength(forms.length);
  for (const [, name] of page.matchAll(/href="#([A-Za-z]+)"/g)) expect(page).toContain(`id="${name ?? ''}"`);
  expect(page.replace(/<pre>.*?<\/pre>/gs, '')).not.toContain('`');
  for (const code of Object.keys(ERROR_CODES)) expect(page).toContain(`<code>${code}</code>`);
});

it('every route of ours answers errors in the one form, and says what it answers when all is well', () => {
  for (const [path, item] of Object.entries(openApiDocument(ROUTES, '1', ['hikconnect', 'ezviz']).paths ?? {})) {
    for (const [method, it] of Object.entries(
      item as Record<string, { responses: Record<string, { content?: object }> }>,
    )) {
      const { responses } = it;
      expect(responses['default']?.content, `${method} ${path}`).toMatchObject({
        'application/json': { schema: { $ref: '#/components/schemas/Error' } },
      });
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect(good.length, `${method} ${path}`).toBeGreaterThan(0);
      if (!path.includes('{session}'))
        for (const [status, { content }] of good) expect(content, `${method} ${path} ${status}`).toBeDefined();
    }
  }
});

it('describes requests as strictly as they are read', () => {
  const shapes = openApiDocument(ROUTES, '1', ['hikconnect', 'ezviz']).components?.schemas ?? {};
  expect(shapes['NewCamera']).toMatchObject({
    additionalProperties: false,
    required: ['name', 'hikvisionDeviceSerial'],
    properties: { channel: { type: 'integer', minimum: 1 }, rtmpPath: { writeOnly: true } },
  });
});

it('every error code is in docs/errors.md with its status, a meaning and a cure, and no other is', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$/gm)];
  const listed = Object.fromEntries(rows.map(([, code = '', status]) => [code, Number(status)] as const));
  expect(listed).toEqual(ERROR_CODES);
  for (const [, code, , meaning = '', cure = ''] of rows) {
    expect(meaning.trim().length, code).toBeGreaterThan(10);
    expect(cure.trim().length, code).toBeGreaterThan(5);
  }
});

it('every code of what an engine does not serve is in docs/errors.md, and no other is', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const listed = [...text.matchAll(/^\| `([A-Z_]+)` \| (?!\d)[^|]{10,} \| [^|]{5,} \|$/gm)].map(([, code]) => code);
  expect(listed).toEqual(ENGINE_REFUSALS);
});
