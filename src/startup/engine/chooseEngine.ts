import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config/config.js';
import { AppError } from '../../core/errors.js';

export type EngineChoice =
  /** A MediaMTX that camlease does not run. */
  | { readonly kind: 'mediamtx'; readonly program: null }
  /** A MediaMTX that camlease starts and supervises. */
  | { readonly kind: 'mediamtx'; readonly program: string }
  | { readonly kind: 'embedded' };

export interface EngineFacts {
  readonly config: Pick<Config, 'engine' | 'mediamtxApiUrl' | 'mediamtxApiUrlGiven' | 'mediamtxBin'>;
  /** A server that answers like MediaMTX's API is at `mediamtxApiUrl`. */
  readonly answers: boolean;
  /** A MediaMTX that an earlier run of camlease started still runs, so camlease supervises it. */
  readonly ours: boolean;
  /** The program that can be started; null: none found. */
  readonly program: string | null;
  /** The engine that this data folder used last time. */
  readonly usedBefore: EngineChoice['kind'] | null;
}

/**
 * `auto`: a MediaMTX that answers; else a program that can be started; else the embedded engine. A folder that has used MediaMTX
 * never falls back to the embedded engine by itself, because every address that viewers know would change. Throws ENGINE_MISSING
 * with a cure.
 */
export function chooseEngine({ config, answers, ours, program, usedBefore }: EngineFacts): EngineChoice {
  if (config.engine === 'embedded') return { kind: 'embedded' };
  if (ours && program !== null) return { kind: 'mediamtx', program };
  if (config.engine === 'mediamtx' || config.mediamtxApiUrlGiven || answers) return { kind: 'mediamtx', program: null };
  if (program !== null) return { kind: 'mediamtx', program };
  if (config.mediamtxBin !== null) {
    throw new AppError('ENGINE_MISSING', `MEDIAMTX_BIN names ${config.mediamtxBin}, which cannot be run.`, {
      cure: 'Correct it, or leave it out: then camlease uses the mediamtx on PATH or its embedded engine.',
    });
  }
  if (usedBefore === 'mediamtx') {
    throw new AppError(
      'ENGINE_MISSING',
      'This installation has used MediaMTX before, but now no MediaMTX answers or can be started.',
      {
        cure:
          'Start MediaMTX or put its program on PATH. ENGINE=embedded switches to the embedded engine; the addresses that ' +
          'viewers use change with it.',
      },
    );
  }
  return { kind: 'embedded' };
}

const MARK = 'engine';

/** The engine that this data folder used last time; null: none yet. */
export function engineUsedBefore(dataDir: string): EngineChoice['kind'] | null {
  const file = path.join(dataDir, MARK);
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return text === 'mediamtx' || text === 'embedded' ? text : null;
}

export function rememberEngine(dataDir: string, kind: EngineChoice['kind']): void {
  writeFileSync(path.join(dataDir, MARK), `${kind}\n`);
}
