import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The package's folder, wherever this file was compiled to. */
export function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}

/** A program of the package in its own process, started as a user starts it. */
export interface Program {
  readonly process: ChildProcess;
  /** The lines that the program has printed so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches, among those printed already and later ones; rejects when the program ends before. */
  line(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Sends SIGTERM (or another signal), and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** `root`: another package folder than this one, with a `dist` of its own. */
export function startProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  root = packageRoot(),
): Program {
  const child = spawn(process.execPath, [path.join(root, 'dist', name), ...args], {
    // A relay would outlive a program that a test kills, so it is off: a test that needs one enables it on its own port, and ends it.
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', RELAY: 'off', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const look of [...waiting]) look();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    changed();
  });
  child.once('exit', changed);
  return {
    process: child,
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = lines.map((line) => pattern.exec(line)).find((found) => found !== null);
          if (match) resolve(match);
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`${name} ended before it printed ${pattern.source}:\n${lines.join('\n')}`));
          } else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

/** Starts the simulator from the command line; `env`: the settings that it prints for `.env`. */
export async function startSimulatorProgram(
  args: readonly string[],
): Promise<Program & { readonly env: Record<string, string>; readonly controlUrl: string }> {
  const program = startProgram('simulator/main.js', args, {});
  const [, controlUrl = ''] = await program.line(/(http:\/\/\S+\/control)/);
  const settings = program.lines.map((line) => /^([A-Z_]+)=(.*)$/.exec(line)).filter((match) => match !== null);
  return {
    ...program,
    controlUrl,
    env: Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value])),
  };
}
