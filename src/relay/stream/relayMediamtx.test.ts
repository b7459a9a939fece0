import { describe, expect, it, onTestFinished } from 'vitest';
import { mediaMtxProgram, until } from '../../../test/support/engine/mediamtx.js';
import {
  CHANGES,
  falls,
  LIMIT_MS,
  moves,
  pictures,
  sounds,
  startRig,
  watched,
} from '../../../test/support/relay/relayWatching.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { playStream } from '../../../test/support/viewers/streamWatch.js';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('the relay behind MediaMTX'))(
  'the relay behind MediaMTX',
  { timeout: LIMIT_MS },
  () => {
    it('plays picture and sound, and ten new addresses go unnoticed', async () => {
      const rig = await watched();
      for (let revision = 2; revision < 2 + CHANGES; revision++) {
        rig.renew(revision);
        await rig.until(() => rig.stream.revision === revision);
        await moves(rig);
      }
      expect([rig.watch.ended, falls(pictures(rig.watch)), falls(sounds(rig.watch))]).toEqual([false, 0, 0]);
      expect(rig.news.filter(({ kind }) => kind === 'pull-over')).toEqual([]);
      expect([rig.server.playing, rig.server.lost]).toEqual([1, 0]);
      // The cloud notices the closed pull a moment later.
      await until(() => rig.origin.pulls() === 1);
    });

    it('plays H.265 to FFmpeg, and a new address goes unnoticed', async () => {
      const rig = await startRig({ codec: 'h265' });
      const watch = await playStream(rig.address);
      onTestFinished(() => watch.stop());
      for (let revision = 2; revision < 4; revision++) {
        rig.renew(revision);
        await rig.until(() => rig.stream.revision === revision);
        const before = watch.items.length;
        await watch.goesOnUntil(() => watch.items.length > before + 40);
      }
      expect(watch.ended).toBe(false);
      expect(new Set(watch.items.map(({ isVideo }) => isVideo))).toEqual(new Set([true, false]));
    });

    it('is played by FFmpeg as a candidate, which is then in force without being opened again', async () => {
      const rig = await watched();
      const { whenGone, cap } = { whenGone: 'slate', cap: null } as const;
      rig.stream.setCamera({ target: rig.target(1), candidate: rig.target(2), whenGone, cap });
      await expect(playStream(rig.source('_lease/gate/7'))).rejects.toThrow();
      const proof = await playStream(rig.source('_lease/gate/2'));
      await proof.goesOnUntil(() => proof.items.filter(({ isVideo }) => isVideo).length > 20);
      expect([proof.items.find(({ isVideo }) => isVideo)?.isKey, rig.origin.pulls()]).toEqual([true, 2]);
      await proof.stop();
      rig.renew(2);
      await rig.until(() => rig.stream.revision === 2);
      await until(() => rig.origin.pulls() === 1);
      await moves(rig);
      expect([rig.watch.ended, falls(pictures(rig.watch))]).toEqual([false, 0]);
      expect(rig.news.filter(({ kind }) => kind === 'candidate')).toHaveLength(1);
    });

    it('pulls nothing once the reader has gone', async () => {
      const rig = await watched();
      await rig.watch.stop();
      await until(() => rig.origin.pulls() === 0 && rig.stream.state === 'idle');
    });
  },
);
