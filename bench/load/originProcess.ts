/**
 * A process that serves the same load over RTMP for any stream name: `originProcess.js <kbit/s> <chunk bytes>`. It sends its port to its
 * parent. Each play begins with a key frame.
 */
import { createServer, type Socket } from 'node:net';
import process from 'node:process';
import { decodeAmf } from '../../simulator/origin/amf0.js';
import { ChunkReader } from '../../simulator/origin/chunkReader.js';
import { CHUNK_STREAM, writeMessage } from '../../simulator/origin/chunkWriter.js';
import { Handshake } from '../../simulator/origin/handshake.js';
import { command, control, MESSAGE, status, streamBegin } from '../../simulator/origin/messages.js';
import { configuration, FRAMES_PER_SECOND, loadGroup } from './loadStream.js';

const [, , kbit = '2000', chunk = '4096'] = process.argv;
const chunkBytes = Number(chunk);
const group = loadGroup(Number(kbit), chunkBytes);
const MOST_MESSAGE_BYTES = 65_536;
/** Cameras send their pictures at so many different moments within a picture's time. */
const PHASES = 10;

interface Play {
  readonly socket: Socket;
  readonly pull: number;
  readonly phase: number;
  picture: number;
}

const plays = new Set<Play>();
let pulls = 0;

function serve(socket: Socket): void {
  const reader = new ChunkReader(MOST_MESSAGE_BYTES);
  let handshake: Handshake | null = new Handshake();
  let play: Play | null = null;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (play) plays.delete(play);
  });
  const answer = ([name, transaction]: readonly unknown[]): void => {
    const id = typeof transaction === 'number' ? transaction : 0;
    if (name === 'connect') {
      writeMessage(socket, control(MESSAGE.setChunkSize, chunkBytes));
      const result = { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connected.' };
      writeMessage(
        socket,
        command(0, '_result', id, { fmsVer: 'FMS/3,0,1,123', capabilities: 31 }, result),
        chunkBytes,
      );
    } else if (name === 'createStream') writeMessage(socket, command(0, '_result', id, null, 1));
    else if (name === 'play') {
      writeMessage(socket, streamBegin(1));
      writeMessage(socket, status(1, 'NetStream.Play.Start', 'Playing.'));
      const opening = { type: MESSAGE.video, chunkStream: CHUNK_STREAM.video, stream: 1, timestamp: 0 };
      writeMessage(socket, { ...opening, body: configuration() });
      play = { socket, pull: ++pulls, phase: pulls % PHASES, picture: 0 };
      plays.add(play);
    } else if (id > 0) writeMessage(socket, command(0, '_result', id, null, null));
  };
  socket.on('data', (bytes) => {
    try {
      let rest: Buffer | null = bytes;
      if (handshake) {
        const step = handshake.take(bytes);
        if (step.reply) socket.write(step.reply);
        rest = step.rest;
        if (rest) handshake = null;
      }
      for (const { type, body } of rest ? reader.read(rest) : []) {
        if (type === MESSAGE.setChunkSize) reader.setChunkSize(body.readUInt32BE());
        else if (type === MESSAGE.command) answer(decodeAmf(body));
      }
    } catch {
      socket.destroy();
    }
  });
}

/** Pictures are paced by the clock and not by the timer, so that a late timer sends the missing ones. */
const beganMs = performance.now();
let tick = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - beganMs) * FRAMES_PER_SECOND * PHASES) / 1000);
  for (; tick < due; tick++) {
    for (const play of plays) {
      if (play.phase !== tick % PHASES) continue;
      const timeMs = Math.round((play.picture * 1000) / FRAMES_PER_SECOND);
      const message = group[play.picture % group.length]?.message(timeMs, play.pull, play.picture);
      play.picture++;
      play.socket.cork();
      for (const part of message ?? []) play.socket.write(part);
      play.socket.uncork();
    }
  }
}, 4);

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0);
});
process.on('disconnect', () => process.exit(0));
