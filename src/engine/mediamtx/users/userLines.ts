import type { ByteText } from '../yaml/scalar.js';
import type { Users } from './users.js';
import { withUsers } from './userText.js';

export interface UserLinesOptions {
  readonly users: Users;
  /** The bytes that a first start makes the file from. */
  readonly template: ByteText;
  /** Where our lines stand for people who put them in by hand. */
  readonly linesPath: string;
  /** The environment of MediaMTX switches digest on. */
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
    // The users of other processes stand in a file that is there; without any in a new one nobody could begin.
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

  /** Which ways of logging in by RTSP are in force. True: other lines are right from now on. */
  learn(rtspAuthMethods: readonly string[]): boolean {
    const before = this.#isDigestInForce;
    this.#isDigestInForce = rtspAuthMethods.some((method) => /digest/i.test(method));
    return before !== this.#isDigestInForce;
  }
}

/** True when MediaMTX, started with this environment, takes RTSP logins by digest. */
export function isDigestIn(environment: Readonly<Record<string, string | undefined>>): boolean {
  return ['MTX_RTSPAUTHMETHODS', 'MTX_AUTHMETHODS'].some((name) => /digest/i.test(environment[name] ?? ''));
}
