import { AppError } from '../../../core/errors.js';

const DUPLICATE_KEY = 11000;
const LOGIN_CODES: ReadonlySet<unknown> = new Set([13, 18, 8000]);
/** The server is there but stepping down, starting or stopping; from the driver's own list of "node is recovering" codes. */
const RECOVERING_CODES: ReadonlySet<unknown> = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);
/** CommandNotSupportedOnView, and a capped collection whose documents may not grow. */
const VIEW_CODES: ReadonlySet<unknown> = new Set([166, 10003]);
const CONNECTION_ERRORS =
  /Network|ServerSelection|Pool|Topology|NotConnected|ClientClosed|OperationTimeout|DisconnectedError|ExpiredSession/;
const CONNECTION_STRING_ERRORS = /ParseError|InvalidArgument|MissingDependency|MongoAPIError/;

/** Turns an error of the driver into an `AppError`. The original is left out: it may carry the connection string. */
export function mongoError(cause: unknown, place: string): AppError {
  if (cause instanceof AppError) return cause;
  const name = cause instanceof Error ? cause.name : 'error';
  const code = codeOf(cause);
  const forbidden = forbiddenIn(cause);
  if (forbidden !== null) {
    return new AppError('STORE_REFUSED', `The user in MONGODB_URI may not ${forbidden} at ${place}.`, {
      cure: 'Give it the role readWrite on this database: db.grantRolesToUser("<user>", [{ role: "readWrite", db: "<database>" }]).',
    });
  }
  if (VIEW_CODES.has(code)) {
    return new AppError(
      'STORE_REFUSED',
      `A collection at ${place} is a view, or of another kind that camlease cannot write to.`,
      {
        cure: 'Give camlease a database of its own in MONGODB_URI, or let cameras (and what starts with camlease_) be plain collections.',
      },
    );
  }
  if (LOGIN_CODES.has(code)) {
    return new AppError('STORE_REFUSED', `${place} refused the login.`, {
      cure: 'Check user, password, authSource and rights in MONGODB_URI.',
    });
  }
  if (CONNECTION_ERRORS.test(name) || RECOVERING_CODES.has(code)) {
    return new AppError('STORE_UNREACHABLE', `${place} does not answer (${reasonOf(cause)}).`, {
      cure: 'Start it, or correct MONGODB_URI; without MONGODB_URI an embedded database in DATA_DIR is used.',
    });
  }
  if (CONNECTION_STRING_ERRORS.test(name)) {
    return new AppError('CONFIG_INVALID', `MONGODB_URI cannot be used (${name}).`, {
      cure: 'It looks like mongodb://user:password@host:27017/camlease; write special characters of the password as %40.',
    });
  }
  return new AppError('STORE_REFUSED', `${place} refused a request (${name}, code ${code ?? 'none'}).`, {
    cure: 'See the log of the database server.',
  });
}

export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === DUPLICATE_KEY;
}

/** True when a bulk write failed by duplicate keys only; its other writes were made. */
export function areAllDuplicateKeys(error: unknown): boolean {
  const writeErrors = writeErrorsOf(error);
  return writeErrors.length > 0 && writeErrors.every(isDuplicateKey);
}

function writeErrorsOf(error: unknown): unknown[] {
  if (!(error instanceof Error) || !('writeErrors' in error)) return [];
  return Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
}

/** What a known login may not do: the command and the collection from MongoDB's own sentence, and no other word of it. */
function forbiddenIn(cause: unknown): string | null {
  if (codeOf(cause) !== 13 && codeOf(cause) !== 8000) return null;
  const message = cause instanceof Error ? cause.message : '';
  const [, command, collection] = /execute command \{ (\w{1,40}): "([\w.-]{1,80})"/.exec(message) ?? [];
  if (command !== undefined) return `${command} in ${collection}`;
  const [, action] = /not allowed to do action \[(\w{1,40})\]/.exec(message) ?? [];
  return action ?? null;
}

/** The network's own word (such as ECONNREFUSED), which helps the operator; never a whole message. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  return /\bE[A-Z]{4,}\b|timed out|closed/.exec(message)?.[0] ?? 'connection lost';
}

/** The number (or name) by which server and driver identify an error. */
export function codeOf(error: unknown): number | string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'number' || typeof code === 'string' ? code : undefined;
}
