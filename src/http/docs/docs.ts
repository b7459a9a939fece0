import { DOCS_STYLE_HASH, docsHtml } from './docsHtml.js';
import type { HttpDeps } from '../route/deps.js';
import { openApiDocument } from './openApi.js';
import type { Handler } from '../route/route.js';

/** The OpenAPI 3.1 document. */
export function openApi({ version }: Pick<HttpDeps, 'version'>): Handler {
  const document = openApiDocument(version);
  return (_request, response) => {
    response.json(document);
  };
}

/** The same document as an HTML page without scripts. */
export function docsPage({ version }: Pick<HttpDeps, 'version'>): Handler {
  const html = docsHtml(openApiDocument(version));
  return (_request, response) => {
    response.set('Content-Security-Policy', `default-src 'none'; style-src ${DOCS_STYLE_HASH}; frame-ancestors 'self'`);
    response.type('html').send(html);
  };
}
