import {
  createDocument,
  type oas31,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiRequestBodyObject,
} from 'zod-openapi';
import { refuses, type Body, type Contract } from '../route/contract.js';
import type { DeclaredRoute } from '../route/route.js';
import type { CloudVendor } from '../../core/camera/camera.js';
import { vendorWord } from '../shapes/vendorWord.js';

export type OpenApiDocument = oas31.OpenAPIObject;

/**
 * Describes the routes from what they declare: the schemas that parse requests and that tests check replies with. `x-right` says
 * who may ask.
 */
export function openApiDocument(
  routes: readonly DeclaredRoute[],
  version: string,
  vendors: readonly CloudVendor[],
): OpenApiDocument {
  const paths: Record<string, ZodOpenApiPathItemObject> = {};
  for (const { method, path, needs, contract } of routes) {
    const address = path.replace(/:(\w+)/g, '{$1}');
    paths[address] = { ...paths[address], [method]: { ...operation(contract), 'x-right': needs.right } };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'camlease',
      version,
      description:
        'camlease leases live camera URLs from vendor clouds, renews them, and serves the cameras to viewers. All errors have the form `{success: false, message, error: {code, message, cure?}}`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
  };
  return createDocument(document, {
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === vendorWord) jsonSchema.enum = [...vendors];
    },
  });
}

/** What takes a body or parameters may answer 400, and every route any other error. */
function operation({
  summary,
  description,
  params,
  query,
  headers,
  body,
  replies,
}: Contract): ZodOpenApiOperationObject {
  const takes = body ?? params ?? query ?? headers;
  const mistaken = takes && { 400: refuses('The request has a mistake; the message says which.') };
  return {
    summary,
    ...(description !== undefined && { description }),
    ...((params ?? query ?? headers) && {
      requestParams: { ...(params && { path: params }), ...(query && { query }), ...(headers && { header: headers }) },
    }),
    ...(body && { requestBody: requestBody(body) }),
    responses: { ...mistaken, ...replies, default: refuses('Any other error.') },
  };
}

function requestBody(body: Body): ZodOpenApiRequestBodyObject {
  if (body.format === 'json-or-csv') {
    const content = {
      'application/json': { schema: body.schema },
      'text/csv': { schema: { type: 'string' } },
    } as const;
    return { required: body.required, content };
  }
  if (body.format === 'picture') {
    const content = { 'image/*': { schema: { type: 'string', format: 'binary' } } } as const;
    return { required: body.required, content };
  }
  return body.format === 'json'
    ? {
        required: body.required,
        content: {
          'application/json': { schema: body.schema },
          ...(body.form && { 'multipart/form-data': { schema: body.schema } }),
        },
      }
    : { required: body.required, content: { 'application/sdp': { schema: { type: 'string' } } } };
}
