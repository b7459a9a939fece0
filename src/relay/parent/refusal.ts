import type { ErrorCode } from '../../core/errors.js';

/** A request that the control port refuses, with its HTTP status. Its sentences contain neither address nor secret. */
export class RelayRefusal extends Error {
  override readonly name = 'RelayRefusal';
  readonly status: number;
  /** `STALE`: the client must tell the relay all cameras again. */
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
      'Another camlease has fed this relay since, and it takes nothing of an older owner.',
      'Give each MediaMTX a relay of its own, and all replicas on one MediaMTX the same database. After that database was made ' +
        'anew, stop the relay and remove its folder (DATA_DIR/relay) once.',
    ),
  stale: () =>
    new RelayRefusal(
      409,
      'STALE',
      'The relay was started anew, or another camlease told it something, since.',
      'camlease tells it everything again by itself.',
    ),
  secret: () =>
    new RelayRefusal(
      401,
      'UNAUTHORIZED',
      'The relay takes nothing without its secret.',
      'Give camlease and the relay the same RELAY_SECRET.',
    ),
  unreadable: (what: string) =>
    new RelayRefusal(
      400,
      'REQUEST_INVALID',
      `The relay does not understand this: ${what}.`,
      'Run the same version of both.',
    ),
  tooLarge: () =>
    new RelayRefusal(413, 'REQUEST_TOO_LARGE', 'This is more than the relay takes at once.', 'Tell it fewer cameras.'),
  noRoute: () =>
    new RelayRefusal(404, 'ROUTE_NOT_FOUND', 'The relay has no such route.', 'Run the same version of both.'),
} as const;
