import type { Request, Response } from 'express';

export type Handler = (request: Request, response: Response) => void | Promise<void>;

export type Method = 'get' | 'post' | 'put' | 'delete';

/** One line of the route table. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly handler: Handler;
  /**
   * - `api`: logged, guarded, JSON in and out.
   * - `hot`: asked for all the time; only the Host is checked, nothing is logged.
   * - `sdp`: as `api`, but the body is an SDP offer and there is no limiter or log line.
   */
  readonly kind: 'api' | 'hot' | 'sdp';
}
