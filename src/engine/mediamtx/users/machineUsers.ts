import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A login at MediaMTX. Both texts are secret: MediaMTX reports any name that a client sends, so a stranger could pose as a known one. */
export interface MachineUser {
  readonly name: string;
  readonly pass: string;
}

/** camlease's own users, one for each purpose. */
export interface MachineUsers {
  /** Uses the API, and reads HLS lists. No path holds its password. */
  readonly api: MachineUser;
  /** Publishes cameras. The `forward` of feeders holds its password. */
  readonly publish: MachineUser;
  /** Reads feeders. The `source` of bridges holds its password. */
  readonly read: MachineUser;
}

export type Purpose = keyof MachineUsers;

export const PURPOSES: readonly Purpose[] = ['api', 'publish', 'read'];

export interface Permission {
  readonly action: string;
  readonly path?: string;
}

const PERMISSIONS: Readonly<Record<Purpose, readonly Permission[]>> = {
  api: [{ action: 'api' }, { action: 'read' }],
  // Internal names begin with an underscore.
  publish: [{ action: 'publish', path: '~^[^_]' }],
  read: [{ action: 'read', path: '~^_lease/' }],
};

/** One user's entry in `authInternalUsers`. */
export interface UserEntry {
  readonly user: string;
  readonly pass: string;
  readonly permissions: readonly Permission[];
}

/** `newSecret` returns at least 128 random bits, in characters that need no escaping in MediaMTX and URLs: `A-Z a-z 0-9 _ -`. */
export function makeUsers(newSecret: () => string): MachineUsers {
  const make = (purpose: Purpose): MachineUser => ({ name: `camlease-${purpose}-${newSecret()}`, pass: newSecret() });
  return { api: make('api'), publish: make('publish'), read: make('read') };
}

const text = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/);
const user = z.object({ name: text, pass: text });
/** The users as stored. */
export const machineUsers: z.ZodType<MachineUsers> = z.object({ api: user, publish: user, read: user });

/**
 * The users' entries in `authInternalUsers`. `plain`: passwords not hashed, because MediaMTX exits over a hashed one while it accepts RTSP
 * logins by digest.
 */
export function entriesOf(users: MachineUsers, plain: boolean): readonly UserEntry[] {
  return PURPOSES.map((purpose) => {
    const { name, pass } = users[purpose];
    return { user: name, pass: plain ? pass : hashed(pass), permissions: PERMISSIONS[purpose] };
  });
}

export function namesOf(users: MachineUsers): readonly string[] {
  return PURPOSES.map((purpose) => users[purpose].name);
}

/** Names and passwords, which must never be shown. */
export function secretsOf(users: MachineUsers): readonly string[] {
  return PURPOSES.flatMap((purpose) => [users[purpose].name, users[purpose].pass]);
}

export function basicAuthorization({ name, pass }: MachineUser): string {
  return `Basic ${Buffer.from(`${name}:${pass}`).toString('base64')}`;
}

/** MediaMTX's form of a hashed password: SHA-256 in base64. A random password of 128 bits or more needs no slow hash. */
function hashed(pass: string): string {
  return `sha256:${createHash('sha256').update(pass).digest('base64')}`;
}
