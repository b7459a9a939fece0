import http from 'node:http';
import https from 'node:https';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

/** What axios wants as `transport`: the one function of node's http module that it calls. */
export interface Transport {
  request(options: RequestOptions, onReply: (reply: IncomingMessage) => void): ClientRequest;
}

/** Node's own http or https, which tells when the last byte of a request was handed to the operating system. */
export function departureTransport(departed: () => void): Transport {
  return {
    request(options, onReply) {
      const request = (options.protocol === 'https:' ? https : http).request(options, onReply);
      // 'finish' comes after the socket took the bytes: connecting, TLS and a stalled event loop lie before it.
      request.once('finish', departed);
      return request;
    },
  };
}
