import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Frame } from './frames.js';
import type { Player, PlayerKind } from './player.js';

const QUIT_MS = 3_000;

/** The path of ffmpeg; null: none on PATH. */
export const ffmpegPath = onPath('ffmpeg');

export function onPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** `#dimensions 0: 640x360`, and one line for each decoded frame: stream, decoding time, time, length, bytes, checksum. */
const SIZE = /^#dimensions 0: (\d+)x(\d+)/;
const FRAME = /^0,\s*-?\d+,\s*-?\d+,\s*\d+,\s*\d+,\s*(\S+)/;

/**
 * Plays `ffmpeg -i <url>`, decoded to checksums: ffmpeg prints a line for each frame, and the time of that line is the frame's time. With
 * `recordTo` the received streams are also written there unchanged.
 */
export class FfmpegPlayer implements Player {
  readonly kind: PlayerKind;
  readonly tag: string;
  readonly recording: string | null;
  readonly #child: ChildProcess;
  readonly #frames: Frame[] = [];
  readonly #complaints: string[] = [];
  #size = { width: 0, height: 0 };
  #lastSum = '';
  #isClosing = false;
  #ended: string | null = null;

  constructor(kind: PlayerKind, url: string, tag: string, recordTo: string | null) {
    if (ffmpegPath === null) throw new Error('This bench needs ffmpeg on PATH for the players (d) and (e).');
    this.kind = kind;
    this.tag = tag;
    this.recording = recordTo;
    const input = url.startsWith('rtsp:') ? ['-rtsp_transport', 'tcp'] : [];
    const decoded = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'framecrc', '-flush_packets', '1', 'pipe:1'];
    const copied = recordTo === null ? [] : ['-map', '0', '-c', 'copy', '-f', 'matroska', recordTo];
    this.#child = spawn(
      ffmpegPath,
      ['-hide_banner', '-nostats', '-loglevel', 'warning', ...input, '-i', url, ...decoded, ...copied],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    if (this.#child.stderr)
      createInterface({ input: this.#child.stderr }).on('line', (line) => {
        this.#complaints.push(line);
        if (this.#complaints.length > 200) this.#complaints.shift();
      });
    this.#child.once('exit', (code) => {
      if (!this.#isClosing) this.#ended = `exit ${code ?? 'by a signal'}: ${this.#complaints.slice(-2).join(' / ')}`;
    });
  }

  get ended(): string | null {
    return this.#ended;
  }

  frames(): Promise<readonly Frame[]> {
    return Promise.resolve(this.#frames);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.stdin?.write('q'); // ends its files properly
    const timer = setTimeout(() => child.kill('SIGKILL'), QUIT_MS);
    await gone;
    clearTimeout(timer);
  }

  #take(line: string): void {
    const size = SIZE.exec(line);
    if (size) this.#size = { width: Number(size[1]), height: Number(size[2]) };
    const sum = FRAME.exec(line)?.[1];
    if (sum === undefined) return;
    this.#frames.push({ atMs: Date.now(), ...this.#size, isNew: sum !== this.#lastSum });
    this.#lastSum = sum;
  }
}
