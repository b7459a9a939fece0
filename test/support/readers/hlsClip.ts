import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAv } from '../../../src/media/av.js';

/** Segments of two seconds, each of which begins with a key frame. */
export interface HlsClip {
  /** null: MPEG-TS, which begins with nothing. */
  readonly map: Buffer | null;
  readonly segments: readonly Buffer[];
}

export const SEGMENT_MS = 1_000;
const SEGMENTS = 4;
const FRAMES_PER_SECOND = 25;

/** Draws a moving picture with sound and cuts it as HLS servers do. `only`: one of the two, for lists of their own. */
export async function makeHlsClip(
  kind: 'ts' | 'fmp4',
  codec: 'h264' | 'hevc' = 'h264',
  only: 'pictures' | 'sound' | null = null,
): Promise<HlsClip> {
  await loadAv();
  const { Decoder, Demuxer, Encoder, Muxer } = await import('node-av/api');
  const folder = await mkdtemp(join(tmpdir(), 'camlease-hls-'));
  try {
    const seconds = (SEGMENTS * SEGMENT_MS) / 1_000;
    const pictures = await Demuxer.open(`testsrc2=s=160x90:r=${FRAMES_PER_SECOND}:d=${seconds},format=yuv420p`, {
      format: 'lavfi',
    });
    const sounds = await Demuxer.open(`sine=r=44100:d=${seconds}:samples_per_frame=1024`, { format: 'lavfi' });
    const muxer = await Muxer.open(join(folder, 'list.m3u8'), {
      format: 'hls',
      options: {
        ...{ hls_time: SEGMENT_MS / 1_000, hls_list_size: 0, hls_segment_type: kind === 'ts' ? 'mpegts' : 'fmp4' },
        hls_segment_filename: join(folder, `%03d.${kind === 'ts' ? 'ts' : 'm4s'}`),
      },
    });
    const tracks = [];
    const both = [
      [
        pictures,
        codec === 'h264' ? 'libx264' : 'libx265',
        {
          preset: 'ultrafast',
          g: FRAMES_PER_SECOND,
          'x265-params': 'log-level=none:keyint=25:min-keyint=25',
          bf: codec === 'h264' ? 2 : 0,
        },
      ],
      [sounds, 'aac', {}],
    ] as const;
    for (const [source, name, options] of both) {
      if ((only === 'pictures' && source === sounds) || (only === 'sound' && source === pictures)) continue;
      const stream = source.video() ?? source.audio();
      if (!stream) throw new Error('lavfi gave no track');
      const decoder = await Decoder.create(stream);
      const encoder = await Encoder.create(name as never, { decoder, options, autoResample: true });
      const index = muxer.addStream(encoder);
      tracks.push({ source, decoder, encoder, index, stream });
    }
    for (const { source, decoder, encoder, index, stream } of tracks) {
      for await (const packet of encoder.packets(decoder.frames(source.packets(stream.index)))) {
        if (packet) await muxer.writePacket(packet, index);
      }
    }
    await muxer.close();
    const names = (await readdir(folder)).filter((name) => /^\d+\./.test(name)).sort();
    const segments = await Promise.all(names.map((name) => readFile(join(folder, name))));
    const map = kind === 'ts' ? null : await readFile(join(folder, 'init.mp4'));
    return { map, segments };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
