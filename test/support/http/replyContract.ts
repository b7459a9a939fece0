import { expect } from 'vitest';
import { z } from 'zod';
import { ROUTES } from '../../../src/http/routes.js';
import { errorReply } from '../../../src/http/shapes/replySchemas.js';
import { pathMatcher } from '../../../src/http/transport/pathMatcher.js';

const routes = ROUTES.map((route) => ({ ...route, matches: pathMatcher([route.path]) }));

/**
 * Fails the test when a JSON reply is not what the contract of its route says: another form, or a field that the contract does
 * not name. A status that the contract does not name answers an error in the one form.
 */
export function expectContract(method: string, address: string, status: number, json: unknown): void {
  const [path = ''] = address.split('?');
  const route = routes.find((each) => each.method === method.toLowerCase() && each.matches(path));
  const schema = route?.contract.replies[status]?.content?.['application/json']?.schema ?? errorReply;
  if (!(schema instanceof z.ZodType)) return;
  const read = schema.safeParse(json);
  expect(read.error, `${method} ${path} answered ${status} against its contract`).toBeUndefined();
  expect(json, `${method} ${path} answered ${status} with a field that its contract does not name`).toEqual(read.data);
}
