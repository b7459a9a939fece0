import { expect, it } from 'vitest';
import { fakeHouse } from '../../test/support/http/httpDeps.js';
import { openApiDocument } from './docs/openApi.js';
import { RIGHTS, type Cost, type Kind } from './route/route.js';
import { ROUTES } from './routes.js';
import { createHttpServer } from './server.js';

/** The costs that a route of each kind may have. */
const COSTS: Readonly<Record<Kind, readonly Cost[]>> = {
  read: ['turn', 'plan'],
  write: ['change'],
  stream: ['none'],
  media: ['none'],
  hot: ['none'],
};

const lines = ROUTES.map((route) => ({ name: `${route.method.toUpperCase()} ${route.path}`, ...route }));

it.each(lines)('$name declares a right, a cost that fits its kind, and what it answers', ({ needs, contract }) => {
  expect(RIGHTS).toContain(needs.right);
  expect(COSTS[needs.kind]).toContain(needs.cost);
  expect(contract.summary).not.toMatch(/^$|\.$/);
  const good = Object.entries(contract.replies).filter(([status]) => status.startsWith('2'));
  expect(good.length).toBeGreaterThan(0);
});

it.each(lines)(
  '$name takes a body, or changes something, only by a method for it',
  ({ method, path, needs, contract }) => {
    if (needs.kind === 'write') expect(method).not.toBe('get');
    if (contract.body) expect(['post', 'put', 'patch']).toContain(method);
    if (contract.body?.format === 'sdp') expect(needs.kind).toBe('media');
    const named = [...path.matchAll(/:(\w+)/g)].map(([, param]) => param);
    expect(Object.keys(contract.params?.shape ?? {})).toEqual(named);
  },
);

it('holds each address once, and the document says the right of each', () => {
  expect(new Set(lines.map(({ name }) => name)).size).toBe(lines.length);
  const document = openApiDocument(ROUTES, '1', ['hikconnect', 'ezviz']);
  for (const { method, path, needs } of ROUTES) {
    const address = path.replace(/:(\w+)/g, '{$1}');
    expect(document.paths?.[address]?.[method], path).toMatchObject({ 'x-right': needs.right });
  }
});

it('is all that is mounted, beside the own files of the page', () => {
  const { stack } = createHttpServer({ ...fakeHouse(), dashboardDir: '.' }).app.router;
  const mounted = stack.flatMap(({ route }) => {
    if (!route) return [];
    // What stands for all methods only says which methods the address takes.
    const methods = Object.keys((route as unknown as { methods: Record<string, true> }).methods);
    return methods.length > 1 ? [] : methods.map((method) => `${method.toUpperCase()} ${route.path}`);
  });
  expect(mounted.sort()).toEqual(lines.map(({ name }) => name).sort());
  // Middleware stands before everything, or below one path.
  const below = (path: string): number =>
    stack.filter((layer) => !layer.route && (layer as unknown as Layer).match(path)).length;
  const everywhere = below('/no/such/address');
  expect(stack.filter(({ route }) => !route)).toHaveLength(everywhere + 1);
  expect(below('/assets/page.js')).toBe(everywhere + 1);
});

it('puts nothing before the handler of a hot route that declares neither right nor cost', () => {
  const { stack } = createHttpServer(fakeHouse()).app.router;
  const hot = ROUTES.filter(({ needs }) => needs.kind === 'hot').map(({ path }) => path);
  for (const path of hot) {
    const [first] = stack.flatMap(({ route }) => (route?.path === path ? [route] : []));
    expect(first?.stack, path).toHaveLength(1);
  }
  expect(hot).toContain('/api/camera/:id/live');
});

interface Layer {
  match(path: string): boolean;
}
