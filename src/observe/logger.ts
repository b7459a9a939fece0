import { pino, type DestinationStream, type Logger } from 'pino';
import { boundedText } from '../core/boundedText.js';
import type { Redactor } from './redact.js';

export type LogFields = Readonly<Record<string, unknown>>;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** The log as the rest of camlease sees it: a sentence, then fields. `child` binds fields that every line shares. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Log;
}

/** The longest sentence, field or stack in a line: replies of clouds and names of cameras may have any length. */
const LONGEST_TEXT = 8_000;

export interface LogOptions {
  readonly level: LogLevel;
  readonly redactor: Pick<Redactor, 'redact'>;
  /** Receives finished lines, newline included. */
  readonly write: (line: string) => void;
  /** For a person at a terminal: one readable line in place of JSON. */
  readonly readable: boolean;
}

/** A pino logger whose writer masks secrets in the finished line: URLs, tokens, registered keys, also inside causes of errors. */
export function createLog(options: LogOptions): Log {
  const { redactor, write, readable } = options;
  const destination: DestinationStream = {
    write: (line) => write(redactor.redact(readable ? readableLine(line) : line)),
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return facade(logger);
}

function facade(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(plain(fields), bounded(message)),
    info: (message, fields) => logger.info(plain(fields), bounded(message)),
    warn: (message, fields) => logger.warn(plain(fields), bounded(message)),
    error: (message, fields) => logger.error(plain(fields), bounded(message)),
    child: (fields) => facade(logger.child(plain(fields))),
  };
}

/** An error becomes its name, code, message and stack, without its other properties (an HTTP client's error carries headers). */
function plain(fields: LogFields = {}): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? errorFields(value) : boundedField(value),
    ]),
  );
}

/** Shortens a text; an object stays as it is unless its JSON is too long, and then becomes the beginning of that JSON. */
function boundedField(value: unknown): unknown {
  if (typeof value === 'string') return bounded(value);
  if (typeof value !== 'object' || value === null) return value;
  const json = JSON.stringify(value);
  return json.length > LONGEST_TEXT ? bounded(json) : value;
}

function bounded(text: string): string {
  return boundedText(text, LONGEST_TEXT);
}

function errorFields(error: Error, depth = 0): LogFields {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause instanceof Error && depth < 3 ? { cause: errorFields(error.cause, depth + 1) } : {};
  const stack = error.stack === undefined ? {} : { stack: bounded(error.stack) };
  return { name: error.name, ...code, message: bounded(error.message), ...stack, ...cause };
}

/** `10:31:02 warn  the sentence  key=value` */
function readableLine(line: string): string {
  const { time, level, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [String(time).slice(11, 19), String(level).padEnd(5), String(msg), ...fields].join(' ') + '\n';
}
