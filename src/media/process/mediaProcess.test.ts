import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { SAMPLE_JPEG } from '../../../simulator/cloud/sampleJpeg.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { childModule } from '../../core/childModule.js';
import { createMediaProcess, type MediaProcess } from './mediaProcess.js';

let folder: string;
let clock: TurnedClock;
let media: MediaProcess | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camlease-media-'));
  clock = new TurnedClock();
});

afterEach(async () => {
  await media?.stop();
  media = null;
  await rm(folder, { recursive: true });
});

/** A media process that runs this program in place of the real one. */
async function processOf(program: string): Promise<MediaProcess> {
  const file = join(folder, 'child.mjs');
  await writeFile(file, program);
  media = createMediaProcess({ clock, module: pathToFileURL(file) });
  return media;
}

const READY = `process.send({ kind: 'ready', version: '8.1', problem: null });`;

describe('the media process', () => {
  it('says plainly that node-av is missing, and what to do', async () => {
    const lame = await processOf(
      `process.send({ kind: 'ready', version: null, problem: 'node-av is not installed.' });`,
    );
    expect(await lame.start()).toEqual({ available: false, version: null, problem: 'node-av is not installed.' });
    await expect(lame.prove('rtmp://127.0.0.1/a/b')).rejects.toMatchObject({
      code: 'ENGINE_MISSING',
      cure: expect.stringContaining('npm install') as string,
    });
  });

  it('that crashes fails what it was doing, and is back after a moment', async () => {
    const weak = await processOf(`${READY} process.on('message', () => process.exit(1));`);
    await weak.start();
    const first = weak.pid();
    await expect(weak.shrink(Buffer.from('x'))).rejects.toMatchObject({
      code: 'MEDIA_PROCESS_LOST',
      failureClass: 'retry',
    });
    const back = new Promise<void>((resolve) => weak.listen({ restarted: resolve }));
    await clock.advance(250);
    await back;
    expect(weak.pid()).not.toBe(first);
  });

  it('that dies before it was ever ready is told as lost and as back', async () => {
    const mark = JSON.stringify(join(folder, 'was-here'));
    const late = await processOf(`
      const { existsSync, writeFileSync } = await import('node:fs');
      if (!existsSync(${mark})) { writeFileSync(${mark}, ''); process.exit(1); }
      ${READY} process.on('message', () => undefined);
    `);
    const told: string[] = [];
    late.listen({ lost: () => void told.push('lost'), restarted: () => void told.push('restarted') });
    const lost = new Promise<void>((resolve) => late.listen({ lost: resolve }));
    const started = late.start();
    await lost;
    await clock.advance(250);
    expect(await started).toMatchObject({ available: true });
    expect(told).toEqual(['lost', 'restarted']);
  });

  it('that crashes again and again is started less and less often', async () => {
    const broken = await processOf(`${READY} process.on('message', () => process.exit(1));`);
    await broken.start();
    for (const waitMs of [250, 500, 1000]) {
      await expect(broken.shrink(Buffer.from('x'))).rejects.toMatchObject({ code: 'MEDIA_PROCESS_LOST' });
      await clock.advance(waitMs - 1);
      expect(broken.pid()).toBeNull();
      const back = new Promise<void>((resolve) => broken.listen({ restarted: resolve }));
      await clock.advance(1);
      await back;
    }
  });

  it('that hangs is ended, and another takes its place', async () => {
    const deaf = await processOf(`${READY} process.on('message', () => undefined);`);
    await deaf.start();
    const answer = deaf.shrink(Buffer.from('x')).catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(await answer).toMatchObject({ code: 'MEDIA_PROCESS_SLOW', failureClass: 'retry' });
    const lost = new Promise<void>((resolve) => deaf.listen({ lost: resolve }));
    await clock.advance(10_000);
    await lost;
    const back = new Promise<void>((resolve) => deaf.listen({ restarted: resolve }));
    await clock.advance(250);
    await back;
  });

  it('gets nothing of our environment', async () => {
    const nosy = await processOf(
      `process.send({ kind: 'ready', version: Object.keys(process.env).join(' '), problem: null }); setInterval(() => 0, 1e6);`,
    );
    const names = (await nosy.start()).version?.split(' ') ?? [];
    expect(names).toContain('UV_THREADPOOL_SIZE');
    expect(names).not.toContain('PATH');
  });

  it.skipIf(!nodeAvFor('pictures made to fit'))(
    'makes a JPEG fit, leaves one that fits alone, and refuses what is none',
    async () => {
      media = createMediaProcess({ clock });
      await media.start();
      const small = SAMPLE_JPEG;
      expect(await media.shrink(small)).toEqual(small);
      const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xfe]), Buffer.alloc(65_532, 32)]);
      const large = Buffer.concat([small.subarray(0, 2), comment, small.subarray(2)]);
      const shrunk = await media.shrink(large);
      expect(shrunk.length).toBeLessThanOrEqual(60_000);
      expect(shrunk.subarray(0, 2).toString('hex')).toBe('ffd8');
      await expect(media.shrink(Buffer.from('<html>'))).rejects.toMatchObject({ code: 'PICTURE_UNREADABLE' });
    },
  );

  it('ends by itself when its parent dies', async () => {
    const module = childModule('./mediaProcess.js', import.meta.url);
    const clockModule = childModule('../../systemClock.js', import.meta.url);
    const program = `const { createMediaProcess } = await import('${module.href}');
      const { systemClock } = await import('${clockModule.href}');
      const media = createMediaProcess({ clock: systemClock });
      await media.start();
      process.stdout.write(String(media.pid()));`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
