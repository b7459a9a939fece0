import type { Request, Response } from 'express';
import type { Contract } from './contract.js';

export type Handler = (request: Request, response: Response) => void | Promise<void>;

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * How a request is served:
 * - `read`, `write`: logged; JSON in, an answer out. A `write` changes something, here or at a cloud.
 * - `stream`: logged as the two above; the answer does not end by itself.
 * - `media`: a step of WebRTC: no log line.
 * - `hot`: asked for all the time: no log line, no request id, no security headers; the handler sets its own headers.
 */
export type Kind = 'read' | 'write' | 'stream' | 'media' | 'hot';

/**
 * What a request costs its client:
 * - `turn`: one of the reads that a client may have running at the same time.
 * - `change`: one of the client's changes per minute; with `?plan=true` one of its plans.
 * - `plan`: one of the client's plans per minute.
 * - `none`: nothing, or the handler has a limit of its own.
 */
export type Cost = 'none' | 'turn' | 'change' | 'plan';

/** Who may ask. There is no sign-in yet: who reaches the port is anybody. */
export const RIGHTS = ['anybody'] as const;
export type Right = (typeof RIGHTS)[number];

/** What a route needs to stand before its handler. */
export interface Needs {
  readonly kind: Kind;
  readonly cost: Cost;
  readonly right: Right;
  /** Pages of other sites may load it. */
  readonly embeddable?: true;
  /** Health checks and Prometheus ask it, also from inside containers, under host names that no setting can list. */
  readonly anyHost?: true;
}

/** What a route takes and answers, and the function that makes its handler. */
export interface Endpoint<Deps> {
  readonly contract: Contract;
  readonly handler: (deps: Deps) => Handler;
}

export function endpoint<Deps>(contract: Contract, handler: (deps: Deps) => Handler): Endpoint<Deps> {
  return { contract, handler };
}

/** What a route declares, without its handler: all that guard and document read. */
export interface DeclaredRoute {
  readonly method: Method;
  /** In Express's form: `/api/camera/:id`. */
  readonly path: string;
  readonly needs: Needs;
  readonly contract: Contract;
}

/** One line of the route table. */
export interface Route<Deps> extends DeclaredRoute {
  readonly handler: (deps: Deps) => Handler;
}
