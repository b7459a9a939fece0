import type { RequestHandler } from 'express';
import { jsonBody, jsonOrFormBody, pictureBody, sdpBody, tableBody } from '../route/body.js';
import type { Body } from '../route/contract.js';
import type { Cost, DeclaredRoute, Kind, Right } from '../route/route.js';
import { isPlanned, isSafe, quotas } from './limiters.js';
import { readTurns } from './readTurns.js';
import { noteCamera } from './requestLog.js';

/** What stands before handlers. */
export interface Guard {
  /**
   * The middleware of a route, from what the route declares. Decided when the route is mounted, so that a hot route pays for
   * nothing that it does not declare: with the right `anybody` and no cost the list is empty.
   */
  before(route: DeclaredRoute): readonly RequestHandler[];
  /** What a request costs that no route takes: it counts by its method. */
  readonly beforeRefusal: RequestHandler;
}

/** The check of each right; null: nothing is checked. */
const RIGHT_CHECKS: Readonly<Record<Right, RequestHandler | null>> = { anybody: null };

/** Kinds with a line in the request log and, for want of another declared body, JSON or none. */
const API_KINDS: ReadonlySet<Kind> = new Set(['read', 'write', 'stream']);

/** One guard for each server: clients' quotas and turns are counted over all its routes. */
export function createGuard(writesPerMinute: number): Guard {
  const { changes, plans } = quotas(writesPerMinute);
  const turn = readTurns();
  const change: RequestHandler = (request, response, next) =>
    (isPlanned(request) ? plans : changes)(request, response, next);
  const costs: Readonly<Record<Cost, RequestHandler | null>> = { none: null, turn, change, plan: plans };
  const json = jsonBody();
  const readers = {
    json,
    form: jsonOrFormBody(),
    sdp: [sdpBody()],
    'json-or-csv': tableBody(),
    picture: [pictureBody()],
  } as const;
  return {
    before: ({ path, needs, contract }) => {
      const isApi = API_KINDS.has(needs.kind);
      return [
        ...(isApi && path.startsWith('/api/camera/:id') ? [noteCamera] : []),
        ...present(RIGHT_CHECKS[needs.right]),
        ...present(costs[needs.cost]),
        ...(contract.body ? readers[readerOf(contract.body)] : isApi ? json : []),
      ];
    },
    beforeRefusal: (request, response, next) => {
      if (!isSafe(request)) return change(request, response, next);
      if (request.method !== 'OPTIONS') return turn(request, response, next);
      next();
      return undefined;
    },
  };
}

function readerOf(body: Body): Body['format'] | 'form' {
  return body.format === 'json' && body.form === true ? 'form' : body.format;
}

function present<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}
