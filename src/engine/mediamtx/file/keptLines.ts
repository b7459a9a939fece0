import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf } from '../../../core/errors.js';
import type { EngineLog } from '../../engineLog.js';
import { systemCode, writeAtomically } from '../disk/atomicFile.js';
import { isPublicPathName, type PathConfigs } from '../paths/pathConfig.js';
import type { ByteText } from '../yaml/scalar.js';
import type { ConfigText } from './configText.js';
import type { Keepsake } from './ownEntry.js';

/** More lines than this belong to removed cameras; the oldest are dropped first. */
const MOST_LINES = 10_000;

const storedLine = z.object({
  before: z.string(),
  after: z.string(),
  style: z.union([z.literal('flow'), z.object({ indent: z.string() })]),
  names: z.array(z.string()),
  merges: z.boolean(),
});
const storedLines = z.object({ lines: z.record(z.string(), storedLine) });

const ALIAS = /(?:^|[\s[{,:-])\*([^\s,[\]{}]+)/g;

/**
 * The operator's additions to lines of cameras that have no path now because their lease ended. They return to the line that comes with
 * the next lease, also after a restart. Kept in `mediamtx-kept.json`, readable by our own system user alone, since these fields may hold
 * passwords; camlease's own fields are not in it.
 */
export class KeptLines {
  readonly #path: string;
  readonly #log: EngineLog;
  readonly #told = new Set<string>();
  #lines: ReadonlyMap<string, Keepsake>;
  #stored: string;

  private constructor(path: string, log: EngineLog, lines: ReadonlyMap<string, Keepsake>) {
    this.#path = path;
    this.#log = log;
    this.#lines = lines;
    this.#stored = asText(lines);
  }

  /** Reads the list; a missing or damaged file gives an empty one. */
  static async open(path: string, log: EngineLog): Promise<KeptLines> {
    return new KeptLines(path, log, await readLines(path));
  }

  /** Adds the kept additions to a text just taken apart, for lines that it does not have. Additions in the text itself win. */
  into(parts: ConfigText): ConfigText {
    const fitting = [...this.#lines].filter(([name, line]) => !parts.own.has(name) && fits(parts, line));
    return fitting.length === 0 ? parts : { ...parts, keepsakes: new Map([...fitting, ...parts.keepsakes]) };
  }

  /** Call before a text with these paths of ours is written: keeps the additions to lines that it drops. */
  async leave({ keepsakes }: ConfigText, paths: PathConfigs): Promise<void> {
    const leaving = [...keepsakes].filter(([name]) => isPublicPathName(name) && !paths.has(name));
    if (leaving.length > 0) await this.#set(new Map([...this.#lines, ...leaving]));
  }

  /**
   * Call when the text with these paths is in place: drops the additions that it has again. An addition that no longer fits the text stays
   * here, and is logged once.
   */
  async back({ keepsakes, own }: ConfigText, paths: PathConfigs): Promise<void> {
    const left = [...this.#lines].filter(([name]) => !paths.has(name) || !keepsakes.has(name));
    for (const [name] of left) {
      if (!paths.has(name) || own.has(name) || this.#told.has(name)) continue;
      this.#told.add(name);
      this.#log.warn(
        'camlease could not put your additions back into the path of a camera in MediaMTX’s file: its layout has changed, or an anchor is missing',
        { path: name, cure: `Add them again by hand; they are in ${this.#path}.` },
      );
    }
    if (left.length < this.#lines.size) await this.#set(new Map(left));
  }

  /** A failure to write is only logged, since the file is needed only after a restart. */
  async #set(lines: ReadonlyMap<string, Keepsake>): Promise<void> {
    this.#lines = new Map([...lines].slice(-MOST_LINES));
    const text = asText(this.#lines);
    if (text === this.#stored) return;
    try {
      await writeAtomically({ path: this.#path, text });
      this.#stored = text;
    } catch (thrown) {
      const reason = messageOf(thrown);
      this.#log.warn('your additions to the paths of cameras could not be saved', { file: this.#path, reason });
    }
  }
}

/** False: the file's layout has changed, or an anchor that the line uses is gone; MediaMTX would exit over such a line. */
function fits({ style, before }: ConfigText, line: Keepsake): boolean {
  const [indent = ''] = /^[ \t]*/.exec(line.before) ?? [];
  if (style.kind === 'block' ? indent !== style.indent : line.style !== 'flow') return false;
  const text = before.filter((piece) => typeof piece === 'string').join('');
  return [...`${line.before} ${line.after}`.matchAll(ALIAS)].every(([, anchor = '']) => hasAnchor(text, anchor));
}

function hasAnchor(text: ByteText, anchor: string): boolean {
  return text.split(/[\s[\]{},]+/).includes(`&${anchor}`);
}

function asText(lines: ReadonlyMap<string, Keepsake>): string {
  const stored = [...lines].map(([name, { names, ...line }]) => [name, { ...line, names: [...names] }]);
  return `${JSON.stringify({ lines: Object.fromEntries(stored) as unknown })}\n`;
}

async function readLines(path: string): Promise<ReadonlyMap<string, Keepsake>> {
  try {
    const read = storedLines.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (!read.success) return new Map();
    return new Map(
      Object.entries(read.data.lines).map(([name, line]) => [name, { ...line, names: new Set(line.names) }]),
    );
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT' || thrown instanceof SyntaxError) return new Map();
    throw thrown;
  }
}
