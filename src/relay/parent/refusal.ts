import type { ErrorCode } from '../../core/errors.js';

/** A request that the control port refuses, with its HTTP status. Its sentences contain neither address nor secret. */
export class RelayRefusal extends Error {
  override readonly name = 'RelayRefusal';
  readonly status: number;
  /** `STALE`: the client must send the relay all cameras again. */
  readonly code: ErrorCode | 'STALE' | 'UNAUTHORIZED';
  readonly cure: string;

  constructor(status: number, code: RelayRefusal['code'], message: string, cure: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.cure = cure;
  }
}

export const refusals = {
  fenced: () =>
    new RelayRefusal(
      409,
      'RELAY_FENCED',
      'Another camlease has used this relay since, so the relay refuses requests of an older owner.',
      'Give each MediaMTX its own relay, and all replicas on one MediaMTX the same database. If that database was ' +
        'replaced, stop the relay and remove its folder (DATA_DIR/relay) once.',
    ),
  stale: () =>
    new RelayRefusal(
      409,
      'STALE',
      'The relay was restarted, or another camlease has sent it cameras since.',
      'camlease sends all cameras again by itself.',
    ),
  secret: () =>
    new RelayRefusal(
      401,
      'UNAUTHORIZED',
      'The relay refuses requests without its secret.',
      'Give camlease and the relay the same RELAY_SECRET.',
    ),
  unreadable: (what: string) =>
    new RelayRefusal(
      400,
      'REQUEST_INVALID',
      `The relay does not understand this request: ${what}.`,
      'Run the same version of both.',
    ),
  tooLarge: () =>
    new RelayRefusal(
      413,
      'REQUEST_TOO_LARGE',
      'The request is larger than the relay accepts.',
      'Send fewer cameras at once.',
    ),
  busy: () =>
    new RelayRefusal(
      503,
      'RELAY_BUSY',
      'The relay opens as many sources as it can, and as many as it can keep in mind wait.',
      'Ask again in some seconds.',
    ),
  workerEnded: () =>
    new RelayRefusal(
      503,
      'RELAY_UNREACHABLE',
      'The process of the relay that was to open the source is not there now.',
      'Ask again in some seconds: the relay starts its processes again by itself.',
    ),
  noRoute: () =>
    new RelayRefusal(404, 'ROUTE_NOT_FOUND', 'The relay has no such route.', 'Run the same version of both.'),
} as const;
