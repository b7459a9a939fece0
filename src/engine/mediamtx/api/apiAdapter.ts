import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter } from 'axios';
import { isLoopback } from './serverAddress.js';

/** Connections are kept open, which MediaMTX never closes by itself, so that a mass renewal finds warm ones. */
const kept = { keepAlive: true, timeout: 60_000 };
const httpAgent = new HttpAgent(kept);
const httpsAgent = new HttpsAgent(kept);
/** Accepts MediaMTX's self-signed certificate on loopback, where a connection is no less safe than without encryption. */
const loopbackHttpsAgent = new HttpsAgent({ ...kept, rejectUnauthorized: false });

/**
 * Sends axios requests to MediaMTX's API through Node's own client, with text both ways. The adapter of axios also prepares each request
 * for redirects, proxies, compression, forms and progress, which takes longer than MediaMTX's answer, while the pictures of all cameras
 * wait (docs/decisions/2026-11-22-asking-mediamtx.md).
 */
export const apiAdapter: AxiosAdapter = async (config) => {
  const { method = 'GET', signal } = config;
  const data: unknown = config.data;
  const url = axios.getUri(config);
  const options = {
    method: method.toUpperCase(),
    headers: AxiosHeaders.from(config.headers).toJSON(true),
    ...(signal instanceof AbortSignal && { signal }),
  };
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = url.startsWith('https:')
        ? httpsRequest(url, { ...options, agent: isLoopbackUrl(url) ? loopbackHttpsAgent : httpsAgent })
        : httpRequest(url, { ...options, agent: httpAgent });
      asked.once('response', resolve).once('error', reject);
      asked.end(typeof data === 'string' ? data : undefined);
    });
    const headers = AxiosHeaders.from(answer.headers as Record<string, string>);
    const { statusCode: status = 0, statusMessage: statusText = '' } = answer;
    return { data: await text(answer), status, statusText, headers, config };
  } catch (thrown) {
    throw AxiosError.from(thrown, undefined, config);
  }
};

function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}
