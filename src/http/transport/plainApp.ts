import express, { type Express } from 'express';

/** An application that names no framework, makes no ETags of its own and reads a query as plain texts. */
export function plainApp(): Express {
  return express().disable('x-powered-by').disable('etag').set('query parser', 'simple');
}
