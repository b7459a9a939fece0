import { answers, answersPage } from '../route/contract.js';
import { endpoint, type Handler } from '../route/route.js';
import { DOCS_STYLE_HASH, docsHtml } from './docsHtml.js';
import type { OpenApiDocument } from './openApi.js';

interface Deps {
  /** The document of the routes that are served. */
  readonly document: OpenApiDocument;
}

export const openApi = endpoint(
  {
    summary: 'Get this description as an OpenAPI document',
    replies: { 200: answers('The OpenAPI 3.1 document.', { type: 'object' }) },
  },
  openApiHandler,
);

/** The OpenAPI 3.1 document. */
function openApiHandler({ document }: Deps): Handler {
  return (_request, response) => {
    response.json(document);
  };
}

export const docsPage = endpoint(
  { summary: 'Get this description as a page', replies: { 200: answersPage } },
  docsPageHandler,
);

/** The same document as an HTML page without scripts. */
function docsPageHandler({ document }: Deps): Handler {
  const html = docsHtml(document);
  return (_request, response) => {
    response.set('Content-Security-Policy', `default-src 'none'; style-src ${DOCS_STYLE_HASH}; frame-ancestors 'self'`);
    response.type('html').send(html);
  };
}
