import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** The question that MediaMTX asks with `authMethod: http`. */
export interface AuthQuestion {
  readonly user: string;
  readonly password: string;
  readonly action: string;
  readonly path: string;
  readonly protocol: string;
}

export interface AuthEndpoint {
  /** The settings that make MediaMTX ask this endpoint. */
  readonly settings: string;
  readonly asked: readonly AuthQuestion[];
  stop(): void;
}

/** An operator's endpoint that decides which user may do what. */
export async function startAuthEndpoint(mayDo: (question: AuthQuestion) => boolean): Promise<AuthEndpoint> {
  const asked: AuthQuestion[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const question = body as AuthQuestion;
      asked.push(question);
      response.writeHead(mayDo(question) ? 200 : 401).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    settings: `authMethod: http\nauthHTTPAddress: http://127.0.0.1:${port}/auth\n`,
    asked,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
