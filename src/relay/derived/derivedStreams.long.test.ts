import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mediaMtxProgram, until } from '../../../test/support/engine/mediamtx.js';
import {
  falls,
  LIMIT_MS,
  moves,
  pictures,
  soundLead,
  sounds,
  startRig,
  widest,
} from '../../../test/support/relay/relayWatching.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { watchPackets } from '../../../test/support/viewers/packetWatch.js';

const run = promisify(execFile);

async function codecsOf(address: string): Promise<readonly string[]> {
  const asked = ['-v', 'error', '-rtsp_transport', 'tcp', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', [...asked, address]);
  return stdout.split(/\s+/).filter((text) => text !== '');
}

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('derived streams'))(
  'a derived stream',
  { timeout: LIMIT_MS },
  () => {
    it('has the pictures of an AAC camera with Opus, in step with them, and new addresses go unnoticed', async () => {
      const rig = await startRig();
      const watch = await watchPackets(rig.source('_sound/gate'));
      onTestFinished(() => watch.stop());
      await watch.goesOnUntil(() => sounds(watch).length > 60);
      const early = soundLead({ ...watch, items: [...watch.items] }, 30);
      for (let revision = 2; revision < 5; revision++) {
        rig.renew(revision);
        await rig.until(() => rig.stream.revision === revision);
        await moves({ watch });
      }
      const from = sounds(watch).length;
      await watch.goesOnUntil(() => sounds(watch).length > from + 40);
      expect([watch.ended, falls(pictures(watch)), falls(sounds(watch))]).toEqual([false, 0, 0]);
      expect(widest(sounds(watch).slice(10))).toBeLessThan(120);
      expect(Math.abs(soundLead(watch, from) - early)).toBeLessThan(100);
      expect([await codecsOf(rig.source('_sound/gate')), await codecsOf(rig.source('gate'))]).toEqual([
        ['h264', 'opus'],
        ['h264', 'aac'],
      ]);
      expect(rig.origin.pulls()).toBe(1);
    });

    it('goes with its last reader, and so does its pull', async () => {
      const rig = await startRig();
      const watch = await watchPackets(rig.source('_sound/gate'));
      await watch.goesOnUntil(() => sounds(watch).length > 5);
      await watch.stop();
      await until(() => rig.origin.pulls() === 0 && rig.stream.state === 'idle');
    });

    it('of a camera without sound is not there', async () => {
      const rig = await startRig({ sound: 'none' });
      await expect(codecsOf(rig.source('_sound/gate'))).rejects.toThrow('404');
    });

    it('has the pictures of an H.265 camera as H.264, with either sound, and new addresses go unnoticed', async () => {
      const rig = await startRig({ codec: 'h265' });
      const watch = await watchPackets(rig.source('_h264/gate'));
      onTestFinished(() => watch.stop());
      await watch.goesOnUntil(() => pictures(watch).length > 20);
      expect(await codecsOf(rig.source('_h264/gate'))).toEqual(['h264', 'aac']);
      expect(await codecsOf(rig.source('_sound/_h264/gate'))).toEqual(['h264', 'opus']);
      rig.renew(2);
      await rig.until(() => rig.stream.revision === 2);
      await moves({ watch }, 40);
      expect([watch.ended, falls(pictures(watch)), rig.origin.pulls()]).toEqual([false, 0, 1]);
    });

    it('as H.264 of an H.264 camera is not there', async () => {
      const rig = await startRig();
      await expect(codecsOf(rig.source('_h264/gate'))).rejects.toThrow('404');
    });
  },
);
