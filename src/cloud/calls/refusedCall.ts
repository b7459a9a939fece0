import { CameraError } from '../../core/errors.js';

/** True when a failure says that the cloud refuses the whole account; false when the account must wait or could not be reached. */
export function refusesAccount(thrown: unknown): thrown is CameraError {
  if (!(thrown instanceof CameraError) || !thrown.accountWide) return false;
  return thrown.failureClass === 'permanent' || thrown.failureClass === 'reauth';
}

/**
 * The refusal as a failure of one camera, for when the cloud goes on to serve the account's other calls. A device that another
 * account shares, or that was moved to another region, may be answered with the code of a dead login or of an unknown key, and
 * must not stop the others.
 */
export function ofThisCallAlone({ code, failureClass, message }: CameraError): CameraError {
  return new CameraError(
    code,
    failureClass === 'permanent' ? 'permanent' : 'retry',
    `The cloud accepts the account but refuses this camera, with a code that is meant for accounts: ${withCode(message, code)}`,
    {
      cure: 'Check in the vendor app that the camera belongs to the account of these keys, in the same region, and that their user may watch it.',
    },
  );
}

/** The sentence, with its code added when it does not name it. */
export function withCode(message: string, code: string): string {
  return message.includes(code) ? message : `${message.replace(/\.$/, '')} (${code}).`;
}
