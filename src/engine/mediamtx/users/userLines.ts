import type { ByteText } from '../yaml/scalar.js';
import type { Users } from './users.js';
import { withUsers } from './userText.js';

export interface UserLinesOptions {
  readonly users: Users;
  /** The bytes of the file that is made when there is none. */
  readonly template: ByteText;
  /** The path of the file with our lines, for an operator who adds them by hand. */
  readonly linesPath: string;
  /** True: MediaMTX's environment switches RTSP logins by digest on. */
  readonly isDigestByEnvironment: boolean;
}

/** The lines of our users in MediaMTX's file, as an edit of its bytes. */
export class UserLines {
  readonly #options: UserLinesOptions;
  #isDigestInForce = false;

  constructor(options: UserLinesOptions) {
    this.#options = options;
  }

  /** See `TextEdit` of `ConfigFile`. */
  readonly edit = (text: ByteText): { readonly text: ByteText; readonly problem: string | null } => {
    const { users, template, linesPath, isDigestByEnvironment } = this.#options;
    // An existing file may hold the users of other replicas, so wait until they agree; a new one needs users for the first login.
    if (!users.isAgreed && text !== template) return { text, problem: null };
    const { current, former } = users;
    const made = withUsers(text, {
      ...{ users: current, former },
      isDigestElsewhere: isDigestByEnvironment || this.#isDigestInForce,
    });
    if (made.problem === null) return made;
    const problem = `camlease's users cannot be written into MediaMTX's file, since ${made.problem}. Correct that, or add the lines of ${linesPath} to authInternalUsers there.`;
    return { text, problem };
  };

  /** Takes in MediaMTX's RTSP login methods. True: our users need other lines from now on. */
  learn(rtspAuthMethods: readonly string[]): boolean {
    const before = this.#isDigestInForce;
    this.#isDigestInForce = rtspAuthMethods.some((method) => /digest/i.test(method));
    return before !== this.#isDigestInForce;
  }
}

/** True when MediaMTX, started with this environment, accepts RTSP logins by digest. */
export function isDigestIn(environment: Readonly<Record<string, string | undefined>>): boolean {
  return ['MTX_RTSPAUTHMETHODS', 'MTX_AUTHMETHODS'].some((name) => /digest/i.test(environment[name] ?? ''));
}
