import http from 'node:http';
import https from 'node:https';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

/** What axios wants as `transport`: the one function of node's http module that it calls. */
export interface Transport {
  request(options: RequestOptions, onReply: (reply: IncomingMessage) => void): ClientRequest;
  /** For an adapter that sends without node's http (a cloud in the same process): the request has left. */
  departed(): void;
}

/** After this many turns a server in the same event loop (the simulator in the demo) has read the request. */
const TURNS = 4;

/** Node's own http or https, which reports when a request has left. */
export function departureTransport(departed: () => void): Transport {
  return {
    request(options, onReply) {
      const request = (options.protocol === 'https:' ? https : http).request(options, onReply);
      // 'finish' comes when the operating system took the last byte; connecting, TLS and our own stalls happen before.
      request.once('finish', () => afterTurns(TURNS, departed));
      return request;
    },
    departed,
  };
}

function afterTurns(turns: number, run: () => void): void {
  if (turns === 0) run();
  else setImmediate(() => afterTurns(turns - 1, run));
}
