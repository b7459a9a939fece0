import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { Clip, type PictureSpec, type SoundSpec } from '../clips/clip.js';
import { ChunkReader, type InMessage } from './chunkReader.js';
import { OUT_CHUNK_SIZE } from './chunkWriter.js';
import { MediaFeed } from './mediaFeed.js';
import { MESSAGE } from './messages.js';

/** 58.4 s past a minute: frame 876 of the loop, in the group that begins with 870. */
const NOW = new Date('2026-01-05T08:00:58.400Z');
const START_MS = 1_000;
const LOOP = 900;
const GROUP = 15;

const sockets: Socket[] = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

test('a play begins at the key frame of the running second and goes over the minute without a step back', async () => {
  const { feed, frames } = await aFeed(aClip());
  feed.pump(START_MS);
  expect((await frames(7)).map(({ number }) => number)).toEqual([870, 871, 872, 873, 874, 875, 876]);
  for (let ms = START_MS; ms <= START_MS + 4_000; ms += 40) feed.pump(ms);
  const all = await frames(7 + 60);
  expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 67 }, (_, i) => (870 + i) % LOOP));
  expect(all.map(({ timestamp }) => timestamp)).toEqual(all.map((_, i) => Math.floor((i * 1000) / 15)));
});

test('sound goes out between the pictures, in the order of time, and begins with them', async () => {
  const { feed, client } = await aFeed(aClip(), undefined, aSound());
  const messages = received(client);
  for (let ms = START_MS; ms <= START_MS + 64_000; ms += 66) feed.pump(ms);
  await vi.waitUntil(() => messages.filter(({ type }) => type === MESSAGE.audio).length >= 1_000);
  const frames = messages.filter(({ body }) => body[1] === 1);
  const times = frames.map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const sounds = frames.filter(({ type }) => type === MESSAGE.audio);
  // The picture began at the full second :58; the first block of sound after that is number 907, 48 ms later.
  expect(sounds[0]?.body.readUInt32BE(5)).toBe(907);
  sounds.forEach(({ body, timestamp }, i) => {
    expect(timestamp).toBe(48 + i * 64);
    expect(body.readUInt32BE(5)).toBe((907 + i) % 1_875);
  });
});

test('what is not encoded yet is waited for, and sent when it comes', async () => {
  const clip = aClip({ groups: 1 });
  const { feed, frames } = await aFeed(clip);
  feed.pump(START_MS + 2_000);
  expect((await frames(GROUP)).at(-1)?.number).toBe(884);
  addGroup(clip, 59);
  addGroup(clip, 0);
  feed.pump(START_MS + 2_000);
  expect((await frames(37)).at(-1)?.number).toBe(6);
});

test('after a long sleep it goes on at the present, and the time stamps jump along', async () => {
  const { feed, frames } = await aFeed(aClip());
  feed.pump(START_MS);
  feed.pump(START_MS + 7 * 86_400_000);
  const all = await frames(14);
  expect(all.slice(7).map(({ number }) => number)).toEqual([870, 871, 872, 873, 874, 875, 876]);
  expect(all[7]?.timestamp).toBe(7 * 86_400_000);
});

test('a paused play sends nothing and resumes at the present', async () => {
  const { feed, frames } = await aFeed(aClip());
  feed.pump(START_MS);
  feed.pause();
  feed.pump(START_MS + 3_000);
  feed.resume(START_MS + 4_000);
  feed.pump(START_MS + 4_000);
  const all = await frames(14);
  expect(all.slice(7).map(({ number }) => number)).toEqual([30, 31, 32, 33, 34, 35, 36]);
});

test('who does not read is dropped before much waits for him', async () => {
  const clip = aClip({ frameBytes: 100_000 });
  const waitingBytes: number[] = [];
  const { feed, client, socket } = await aFeed(clip, () => waitingBytes.push(socket.writableLength));
  client.pause();
  for (let ms = START_MS; waitingBytes.length === 0 && ms < START_MS + 60_000; ms += 66) feed.pump(ms);
  expect(waitingBytes).toHaveLength(1);
  expect(waitingBytes[0]).toBeLessThan(3_000_000);
});

function aClip({ groups = 60, frameBytes = 9 } = {}): Clip<PictureSpec> {
  const spec = {
    codec: 'h264',
    width: 640,
    height: 360,
    framesPerSecond: 15,
    groupSeconds: 1,
    loopSeconds: 60,
    graph: () => '',
  } as const;
  const clip = new Clip<PictureSpec>(spec, () => undefined);
  clip.addHeader(Buffer.from([0x17, 0, 0, 0, 0]));
  for (let i = 0; i < groups; i++) addGroup(clip, (58 + i) % 60, frameBytes);
  return clip;
}

/** Frames that carry their number in the loop. */
function addGroup(clip: Clip, group: number, frameBytes = 9): void {
  const bodies = Buffer.alloc(GROUP * frameBytes, 1); // its second byte, 1, says: a frame
  for (let i = 0; i < GROUP; i++) bodies.writeUInt32BE(group * GROUP + i, i * frameBytes + 5);
  clip.addGroup(group, bodies, Array<number>(GROUP).fill(frameBytes));
}

/** A minute's loop of 1,875 blocks that carry their number. */
function aSound(): Clip<SoundSpec> {
  const spec = { codec: 'aac', framesPerSecond: 15.625, groupSeconds: 120, loopSeconds: 120, graph: () => '' } as const;
  const clip = new Clip<SoundSpec>(spec, () => undefined);
  const bodies = Buffer.alloc(1_875 * 9, 1);
  for (let i = 0; i < 1_875; i++) bodies.writeUInt32BE(i, i * 9 + 5);
  clip.addGroup(0, bodies, Array<number>(1_875).fill(9));
  return clip;
}

/** A list to which all messages from now on are added. */
function received(client: Socket): readonly InMessage[] {
  const reader = new ChunkReader(1_000_000);
  reader.setChunkSize(OUT_CHUNK_SIZE);
  const messages: InMessage[] = [];
  client.on('data', (bytes: Buffer) => messages.push(...reader.read(bytes)));
  return messages;
}

interface Sent {
  readonly number: number;
  readonly timestamp: number;
}

interface FeedUnderTest {
  readonly feed: MediaFeed;
  /** Resolves to all frames so far when there are this many. */
  readonly frames: (count: number) => Promise<readonly Sent[]>;
  readonly client: Socket;
  readonly socket: Socket;
}

async function aFeed(
  clip: Clip<PictureSpec>,
  onTooSlow = (): unknown => undefined,
  sound: Clip<SoundSpec> | null = null,
): Promise<FeedUnderTest> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const client = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
  const socket = await new Promise<Socket>((resolve) => server.once('connection', resolve));
  server.close();
  sockets.push(client, socket);

  const reader = new ChunkReader(1_000_000);
  reader.setChunkSize(OUT_CHUNK_SIZE);
  const sent: Sent[] = [];
  const keep = ({ type, timestamp, body }: InMessage): void => {
    if (type === MESSAGE.video && body[1] === 1) sent.push({ number: body.readUInt32BE(5), timestamp });
  };
  client.on('data', (bytes: Buffer) => [...reader.read(bytes)].forEach(keep));
  const frames = async (count: number): Promise<readonly Sent[]> => {
    while (sent.length < count) await once(client, 'data');
    expect(sent).toHaveLength(count);
    return sent;
  };
  const place = { now: NOW, monotonicMs: START_MS, maxBacklogBytes: 1_000_000 };
  return {
    feed: new MediaFeed({ socket, clips: { picture: clip, sound }, stream: 1, ...place, onTooSlow }),
    frames,
    client,
    socket,
  };
}
