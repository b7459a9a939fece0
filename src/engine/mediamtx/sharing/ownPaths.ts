import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { systemCode, writeAtomically } from '../disk/atomicFile.js';

/** The paths that all replicas made in this MediaMTX. */
export interface SharedNames {
  has(name: string): boolean;
  set(names: ReadonlySet<string>): Promise<void>;
}

const storedList = z.object({ paths: z.array(z.string()) });

/**
 * The names of the paths that camlease made in MediaMTX, kept in `mediamtx-paths.json`. A path that is not listed belongs to the operator
 * and is never changed. A name is listed before its path is made, so that a path of ours is never taken for a foreign one.
 */
export class OwnPaths {
  readonly #path: string;
  readonly #shared: SharedNames | null;
  #names: ReadonlySet<string>;

  private constructor(path: string, names: ReadonlySet<string>, shared: SharedNames | null) {
    this.#path = path;
    this.#names = names;
    this.#shared = shared;
  }

  /**
   * Reads the list. A missing or damaged file gives an empty one: then no path counts as ours, and none of the operator's is lost.
   * `shared`: the paths of other replicas; null: there are none.
   */
  static async open(path: string, shared: SharedNames | null = null): Promise<OwnPaths> {
    return new OwnPaths(path, new Set(await readNames(path)), shared);
  }

  has(name: string): boolean {
    return this.#names.has(name) || (this.#shared?.has(name) ?? false);
  }

  /** Makes `names` the whole list. */
  async set(names: ReadonlySet<string>): Promise<void> {
    await this.#shared?.set(names);
    if (names.size === this.#names.size && [...names].every((name) => this.#names.has(name))) return;
    await writeAtomically({ path: this.#path, text: `${JSON.stringify({ paths: [...names].sort() })}\n` });
    this.#names = new Set(names);
  }

  async add(names: Iterable<string>): Promise<void> {
    await this.set(new Set([...this.#names, ...names]));
  }
}

async function readNames(path: string): Promise<readonly string[]> {
  try {
    const read = storedList.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return read.success ? read.data.paths : [];
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT' || thrown instanceof SyntaxError) return [];
    throw thrown;
  }
}
