import { createHash } from 'node:crypto';
import { ERROR_CODES } from '../../core/errors.js';
import type { OpenApiDocument } from './openApi.js';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid #8884; padding: .5rem 0 1rem; }
h2 { font-size: 1rem; margin: .5rem 0; overflow-wrap: anywhere; }
code, pre { font: .85rem/1.45 ui-monospace, monospace; }
pre { background: #8881; padding: .75rem; overflow-x: auto; border-radius: .4rem; }
b { display: inline-block; min-width: 4.2rem; }
dt { font-weight: 600; float: left; clear: left; min-width: 4.2rem; }
dd { margin: 0 0 .2rem 5rem; }
summary { cursor: pointer; }
`;

/** For the page's Content-Security-Policy: allows the page's one inline style, and no other. */
export const DOCS_STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses?: Readonly<Record<string, Reply>>;
}

interface Reply {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

/** A page of plain HTML made from the document: every route, then every shape. */
export function docsHtml(document: OpenApiDocument): string {
  const sections = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Readonly<Record<string, Operation>>).map(([method, it]) => operationHtml(method, path, it)),
  );
  const shapes = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) => `<section id="${escaped(name)}"><h2>${escaped(name)}</h2>${jsonHtml(schema)}</section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>camlease: API</title><style>${STYLE}</style></head>
<body><h1>camlease: API</h1><p>${prose(document.info.description ?? '')}</p>
<p>Version ${escaped(document.info.version)}. As a file: <a href="/api/openapi.json">openapi.json</a>. <a href="/">Cameras</a></p>
${sections.join('\n')}${errorCodesHtml()}<h1>Shapes</h1>${shapes.join('\n')}</body></html>`;
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, reply]) => `<dt>${escaped(status)}</dt><dd>${replyHtml(reply)}</dd>`,
  );
  const { parameters, requestBody } = operation;
  return `<section><h2><b>${method.toUpperCase()}</b> <code>${escaped(path)}</code></h2>
<p>${prose(operation.summary ?? '')}. ${prose(operation.description ?? '')}</p>
${parameters === undefined ? '' : `<details><summary>Parameters</summary>${jsonHtml(parameters)}</details>`}
${requestBody === undefined ? '' : `<details><summary>Body</summary>${jsonHtml(requestBody)}</details>`}
<dl>${responses.join('')}</dl></section>`;
}

/** A reply's description and its form: a link to a named shape, or the schema in a fold. */
function replyHtml({ description = '', content = {} }: Reply): string {
  const forms = Object.entries(content).map(([type, { schema }]) => {
    const kind = type === 'application/json' ? '' : ` <code>${escaped(type)}</code>`;
    const name = shapeName(schema);
    if (name !== null) return `${kind} <a href="#${name}">${name}</a>`;
    return `${kind}<details><summary>Form</summary>${jsonHtml(schema ?? {})}</details>`;
  });
  return prose(description) + forms.join('');
}

/** The name of the shape that the schema refers to; null: the schema is more than a reference. */
function shapeName(schema: unknown): string | null {
  if (typeof schema !== 'object' || schema === null || !('$ref' in schema) || Object.keys(schema).length !== 1)
    return null;
  return /^#\/components\/schemas\/([A-Za-z]+)$/.exec(String(schema.$ref))?.[1] ?? null;
}

function errorCodesHtml(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, status]) => `<dt>${status}</dt><dd><code>${code}</code></dd>`);
  return `<h1>Codes</h1><p>The values of <code>error.code</code> with their HTTP status; the codes of the vendors come on top. The
<code>message</code> and the <code>cure</code> of an error say what it means and what helps.</p><dl>${rows.join('')}</dl>`;
}

/** A schema as text; each reference is a link to the shape further down. */
function jsonHtml(value: unknown): string {
  const text = escaped(JSON.stringify(value, null, 2));
  return `<pre>${text.replace(/#\/components\/schemas\/([A-Za-z]+)/g, '<a href="#$1">$1</a>')}</pre>`;
}

/** A sentence as HTML; words in backticks become code. */
function prose(text: string): string {
  return escaped(text).replace(/`([^`]{1,200})`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
