import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AxiosInstance } from 'axios';
import type { Config } from '../../config/config.js';
import type { Vendors } from '../../core/camera/vendors.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { createEmbeddedEngine } from '../../engine/embedded/embeddedEngine.js';
import type { MediaEngine } from '../../engine/mediaEngine.js';
import { createMediaMtxEngine, PID_FILE } from '../../engine/mediamtx/mediaMtxEngine.js';
import { probeApi } from '../../engine/mediamtx/api/probeApi.js';
import { findMediaMtxProgram, spawnMediaMtx } from '../../engine/mediamtx/server/mediaMtxProgram.js';
import type { Sharing } from '../../engine/mediamtx/sharing/sharing.js';
import { processTable } from '../../engine/mediamtx/server/processTable.js';
import { rememberedMediaMtx } from '../../engine/mediamtx/server/supervisor.js';
import { templateFor } from '../../engine/mediamtx/users/templateFor.js';
import { Users } from '../../engine/mediamtx/users/users.js';
import type { MediaProcess } from '../../media/process/mediaProcess.js';
import type { Log } from '../../observe/logger.js';
import { apiUrlInFile } from './apiUrlInFile.js';
import { endFormerRelay } from './formerRelay.js';
import { chooseEngine, engineUsedBefore, rememberEngine } from './chooseEngine.js';
import { createRelay, createSourceRelay } from './relay.js';

/** What `createEngine` needs from the other rooms. */
export interface CreateEngineDeps {
  readonly config: Config;
  readonly http: AxiosInstance;
  readonly clock: Clock;
  readonly log: Log;
  readonly media: MediaProcess;
  readonly vendors: Vendors;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The shipped `mediamtx.yml`. */
  readonly templatePath: string;
  /** See `makeUsers`. */
  readonly newSecret: () => string;
  /** Called with each name and password that must never be shown. */
  readonly keepSecret: (text: string) => void;
  /** Absent: no other process uses the same MediaMTX. */
  readonly sharing?: Sharing;
}

/**
 * Looks for a MediaMTX, chooses the engine, and logs the choice in one line. Throws `AppError` `ENGINE_MISSING` when the embedded engine
 * is chosen and node-av cannot be used.
 */
export async function createEngine(parts: CreateEngineDeps): Promise<MediaEngine> {
  const { config, http, clock, log, media, environment } = parts;
  const pidPath = path.join(config.dataDir, PID_FILE);
  const namedUrl = config.mediamtxApiUrlGiven
    ? config.mediamtxApiUrl
    : (apiUrlInFile(config.mediamtxConfigPath, environment['MTX_APIENCRYPTION']) ?? config.mediamtxApiUrl);
  const found = await probeApi(http, clock, namedUrl);
  const answers = found.kind === 'mediamtx' || found.kind === 'locked';
  // `found.url` is `namedUrl`, with https where MediaMTX asks for it. An address that the operator gave is never corrected this way.
  const apiUrl = answers && !config.mediamtxApiUrlGiven ? found.url : namedUrl;
  const choice = chooseEngine({
    config,
    answers,
    ours: (await rememberedMediaMtx(pidPath, processTable)) !== null,
    program: await findMediaMtxProgram(config.mediamtxBin, environment['PATH'] ?? ''),
    usedBefore: engineUsedBefore(config.dataDir),
  });
  if (found.kind === 'other' && choice.kind === 'mediamtx')
    log.warn(found.trouble.message, { cure: found.trouble.cure });
  if (choice.kind === 'embedded') needMedia(media);
  rememberEngine(config.dataDir, choice.kind);
  if (choice.kind === 'embedded') {
    log.info('Engine: embedded (no MediaMTX is used).');
    const { keepSecret } = parts;
    const relay = createSourceRelay({ config, environment, clock, log, keepSecret });
    return createEmbeddedEngine({ clock, process: media, publicUrl: config.publicUrl, relay });
  }
  log.info(
    choice.program === null
      ? 'Engine: the MediaMTX at its API address.'
      : 'Engine: MediaMTX, started and watched by camlease.',
  );
  const { mediamtxApiUser: name, mediamtxApiPass: pass } = config;
  const users = await Users.open({
    folder: config.dataDir,
    newSecret: parts.newSecret,
    keepSecret: parts.keepSecret,
    ...(parts.sharing && { agree: parts.sharing.agreeOnUsers }),
    givenApi: name === null || pass === null ? null : { name, pass },
  });
  const former = { config, clock, log: log.child({ part: 'relay' }) };
  let isFirst = true;
  const engine: MediaEngine = createMediaMtxEngine({
    users,
    http,
    apiUrl,
    configPath: config.mediamtxConfigPath,
    template: templateFor(readFileSync(parts.templatePath, 'utf8'), config),
    dataDir: config.dataDir,
    hlsBaseUrl: config.hlsBaseUrl,
    webrtcBaseUrl: config.webrtcBaseUrl,
    clock,
    vendors: parts.vendors,
    log: log.child({ part: 'engine' }),
    prover: media.availability().available ? (...asked) => media.prove(...asked) : null,
    makeSlate: media.availability().available ? (spec, signal) => media.slate(spec, signal) : null,
    relay: createRelay({
      ...{ config, apiUrl, environment, clock, log },
      ownsMediaMtx: choice.program !== null,
      isAlone: parts.sharing === undefined,
      keepSecret: parts.keepSecret,
    }),
    ...(parts.sharing && { sharing: parts.sharing }),
    supervise:
      choice.program === null
        ? null
        : { program: choice.program, env: environment, spawn: spawnMediaMtx, processes: processTable },
    onApplied: () => {
      if (isFirst) void endFormerRelay({ ...former, settled: async () => engine.settle?.() });
      isFirst = false;
    },
  });
  return engine;
}

/** The embedded engine needs node-av: without node-av nobody could watch a camera, so camlease does not start. */
function needMedia(media: Pick<MediaProcess, 'availability'>): void {
  const { available, problem } = media.availability();
  if (available) return;
  throw new AppError(
    'ENGINE_MISSING',
    `camlease has no media server to serve cameras with. ${problem ?? 'node-av cannot be used.'}`,
    {
      cure: 'Install it with npm ci, or put mediamtx on PATH or start it.',
    },
  );
}
