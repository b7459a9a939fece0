import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A login at MediaMTX. Both texts are secrets: MediaMTX reports whatever name a client sends, so a known one could be borrowed. */
export interface MachineUser {
  readonly name: string;
  readonly pass: string;
}

/** camlease's own users, one for each purpose. */
export interface MachineUsers {
  /** Uses the API, and reads HLS lists. Its password stands in no path. */
  readonly api: MachineUser;
  /** Publishes cameras. Its password stands in the `forward` of feeders. */
  readonly publish: MachineUser;
  /** Reads feeders. Its password stands in the `source` of bridges. */
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

/** What stands in `authInternalUsers` for one user. */
export interface UserEntry {
  readonly user: string;
  readonly pass: string;
  readonly permissions: readonly Permission[];
}

/** `newSecret`: at least 128 random bits, in characters that MediaMTX and URLs take as they are: `A-Z a-z 0-9 _ -`. */
export function makeUsers(newSecret: () => string): MachineUsers {
  const make = (purpose: Purpose): MachineUser => ({ name: `camlease-${purpose}-${newSecret()}`, pass: newSecret() });
  return { api: make('api'), publish: make('publish'), read: make('read') };
}

const text = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/);
const user = z.object({ name: text, pass: text });
/** As they are stored. */
export const machineUsers: z.ZodType<MachineUsers> = z.object({ api: user, publish: user, read: user });

/**
 * Their entries in `authInternalUsers`. `plain`: passwords in clear, since MediaMTX exits when it finds a hashed one while it takes RTSP
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

/** Everything about them that must never be shown. */
export function secretsOf(users: MachineUsers): readonly string[] {
  return PURPOSES.flatMap((purpose) => [users[purpose].name, users[purpose].pass]);
}

export function basicAuthorization({ name, pass }: MachineUser): string {
  return `Basic ${Buffer.from(`${name}:${pass}`).toString('base64')}`;
}

/** As MediaMTX takes a hashed password: the SHA-256 in base64. A random password of 128 bits and more needs no slow hash. */
function hashed(pass: string): string {
  return `sha256:${createHash('sha256').update(pass).digest('base64')}`;
}
