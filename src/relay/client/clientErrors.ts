import { AppError } from '../../core/errors.js';
import { CONTROL_PROTOCOL, type RelayStatus } from '../wire/wire.js';
import { ControlError } from './controlClient.js';
import type { RelayTrouble } from './relayHost.js';

export function unreachable(message: string, cure: string, cause?: ControlError): AppError {
  return new AppError('RELAY_UNREACHABLE', message, { cure, cause });
}

/** The relay's refusal as an `AppError` in the relay's own sentence; `cure` is used where the relay gave neither sentence nor cure. */
export function inWords(cause: ControlError, cure: string): AppError {
  const { refusal } = cause;
  if (refusal === null) return unreachable(cause.message, cure, cause);
  const { code, message } = refusal;
  if (code === 'RELAY_FENCED' || code === 'RELAY_BUSY' || code === 'DISK_FULL')
    return new AppError(code, message, { cure: refusal.cure, cause });
  return unreachable(message, refusal.cure, cause);
}

/** True: the relay refused a change because it does not build on the relay's latest one; the relay must get all cameras again. */
export function isStale(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.cause instanceof ControlError && thrown.cause.refusal?.code === 'STALE';
}

export function wordsOf(thrown: unknown, cure: string): RelayTrouble {
  if (!(thrown instanceof AppError)) return { message: 'The relay does not answer.', cure };
  return { message: thrown.message, cure: thrown.cure ?? cure };
}

/** For a relay that answers but speaks another control protocol than this camlease. */
export function otherProtocol({ version, protocol }: RelayStatus): AppError {
  const [age, older] = protocol < CONTROL_PROTOCOL ? ['older', 'the relay'] : ['newer', 'camlease'];
  return unreachable(
    `The relay is of version ${version}, which is ${age} than this camlease, and they do not understand each other.`,
    `Update ${older} to the same version.`,
  );
}
