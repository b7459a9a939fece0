import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../core/errors.js';
import { PRIVATE_MODE, systemCode, writeAtomically } from '../disk/atomicFile.js';
import {
  basicAuthorization,
  entriesOf,
  machineUsers,
  makeUsers,
  namesOf,
  secretsOf,
  type MachineUsers,
} from './machineUsers.js';
import { listLines } from './userText.js';

/** The file in `DATA_DIR` that keeps the users. */
export const USERS_FILE = 'mediamtx-users.json';
/** The file in `DATA_DIR` with the users' lines, for a MediaMTX whose file camlease does not write. */
export const USER_LINES_FILE = 'mediamtx-users.yml';

export interface UsersOptions {
  /** `DATA_DIR`. */
  readonly folder: string;
  /** See `makeUsers`. */
  readonly newSecret: () => string;
  /** Called with each name and password, which must never be shown, before anything else gets it. */
  readonly keepSecret: (text: string) => void;
  /** Agrees with the other replicas on one set of users, and returns it. Absent: there are no other replicas. */
  readonly agree?: (mine: unknown) => Promise<unknown>;
  /** A user that the operator made in a MediaMTX whose file camlease cannot write; its API is used as that user. */
  readonly givenApi?: { readonly name: string; readonly pass: string } | null;
}

const stored = z.object({ users: machineUsers, former: z.array(z.string()).default([]) });
type Stored = z.infer<typeof stored>;

/** The users as which camlease logs in to MediaMTX. */
export class Users {
  readonly #options: UsersOptions;
  #stored: Stored;
  #isAgreed: boolean;

  private constructor(options: UsersOptions, known: Stored) {
    this.#options = options;
    this.#stored = known;
    this.#isAgreed = options.agree === undefined;
    this.#hide();
  }

  /** Reads the users, or makes them when their file is missing or damaged. */
  static async open(options: UsersOptions): Promise<Users> {
    const known = await read(join(options.folder, USERS_FILE));
    const users = new Users(options, known ?? { users: makeUsers(options.newSecret), former: [] });
    await users.#save(known === null);
    return users;
  }

  get current(): MachineUsers {
    return this.#stored.users;
  }

  /** The path of the file with the lines that an operator can add to MediaMTX's file. */
  get linesPath(): string {
    return join(this.#options.folder, USER_LINES_FILE);
  }

  /** Names of former users of ours, which have to be removed from MediaMTX's file. */
  get former(): ReadonlySet<string> {
    return new Set(this.#stored.former);
  }

  /** False: the replicas have not agreed yet, so others may use other users. */
  get isAgreed(): boolean {
    return this.#isAgreed;
  }

  /** The `Authorization` header for MediaMTX's API. */
  get apiAuthorization(): string {
    return basicAuthorization(this.#options.givenApi ?? this.current.api);
  }

  /** True: the API is used as a user that the operator set. */
  get isApiGiven(): boolean {
    return (this.#options.givenApi ?? null) !== null;
  }

  /** The `Authorization` header for HLS lists. Always of our own user, whose secret name marks our reads among the sessions. */
  get readAuthorization(): string {
    return basicAuthorization(this.current.api);
  }

  /** True for the name of a present or former user of ours. */
  isOurs(name: string): boolean {
    return namesOf(this.current).includes(name) || this.#stored.former.includes(name);
  }

  /** Takes over the users on which the replicas agreed. True: they differ from before. Throws `STORE_REFUSED` for a damaged record. */
  async agree(): Promise<boolean> {
    const { agree } = this.#options;
    if (this.#isAgreed || !agree) return false;
    const read = machineUsers.safeParse(await agree(this.current));
    if (!read.success)
      throw new AppError(
        'STORE_REFUSED',
        'The users of MediaMTX that replicas share are not readable in the database.',
        {
          cure: "Remove the record 'engine-users' from the database; the next start makes new ones.",
        },
      );
    this.#isAgreed = true;
    const before = this.#stored;
    if (read.data.api.name === before.users.api.name) return false;
    this.#stored = { users: read.data, former: [...before.former, ...namesOf(before.users)].slice(-MOST_FORMER) };
    this.#hide();
    await this.#save(true);
    return true;
  }

  #hide(): void {
    for (const secret of secretsOf(this.current)) this.#options.keepSecret(secret);
    const { givenApi } = this.#options;
    if (givenApi) this.#options.keepSecret(givenApi.pass);
    this.#options.keepSecret(this.apiAuthorization);
    this.#options.keepSecret(this.readAuthorization);
  }

  async #save(isNew: boolean): Promise<void> {
    const path = join(this.#options.folder, USERS_FILE);
    if (isNew) await writeAtomically({ path, text: `${JSON.stringify(this.#stored)}\n` });
    const text = LINES_HEADING + listLines(entriesOf(this.current, false));
    if (isNew || (await readFile(this.linesPath, 'utf8').catch(() => '')) !== text)
      await writeAtomically({ path: this.linesPath, text });
  }
}

const MOST_FORMER = 12;

const LINES_HEADING = `# camlease's users in MediaMTX. camlease puts them into the file that MEDIAMTX_CONFIG_PATH names by itself. Where MediaMTX reads another
# file, add these lines to it, at the end of the list authInternalUsers (with rtspAuthMethods: digest, write the passwords of
# mediamtx-users.json in clear instead of sha256:…).
authInternalUsers:
`;

async function read(path: string): Promise<Stored | null> {
  try {
    const text = await readFile(path, 'utf8');
    // A copied folder may have lost the private mode of its files.
    await chmod(path, PRIVATE_MODE).catch(() => undefined);
    const known = stored.safeParse(JSON.parse(text));
    return known.success ? known.data : null;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT' || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
