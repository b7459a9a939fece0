import { describe, expect, it } from 'vitest';
import {
  liveStream,
  rising,
  startStreamRig,
  target,
  told,
  Watcher,
  type StreamRig,
} from '../../../test/support/relay/streamRig.js';
import type { VisitedStream } from '../rtsp/served.js';

function candidateOf({ stream }: Pick<StreamRig, 'stream'>, revision: number): VisitedStream {
  const candidate = stream.candidate(revision);
  if (candidate === null) throw new Error('no such candidate');
  return candidate;
}

const proving = told(target(1), { candidate: target(2) });

describe('a candidate', () => {
  it('is read beside the stream with times of its own, and the same pull takes over at a key frame', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(proving);
    const old = rig.last();
    expect(rig.pulls).toHaveLength(1);
    const proof = new Watcher(candidateOf(rig, 2)).play();
    const fresh = rig.last();
    expect(rig.running()).toEqual([1, 2]);
    fresh.setUp();
    fresh.picture(false);
    fresh.picture(true);
    for (let at = 0; at < 12; at++) {
      await rig.flow(old, 1);
      fresh.picture(false);
    }
    expect([proof.tracks?.picture?.codec, proof.times[0], proof.times.length]).toEqual(['h264', '0k', 13]);
    expect([rig.stream.revision, rig.watcher.frames.length]).toEqual([1, 41]);

    rig.stream.setCamera(told(target(2)));
    for (let at = 0; at < 5; at++) {
      await rig.flow(old, 1);
      fresh.picture(false);
    }
    // The candidate does not take over in the middle of its pictures: viewers would see half a second twice.
    expect([rig.stream.revision, rig.pulls.length]).toEqual([1, 2]);
    fresh.picture(true);
    expect([rig.stream.revision, rig.pulls.length, rig.running()]).toEqual([2, 2, [2]]);
    expect([rising(rig.watcher), proof.isEnded]).toEqual([true, false]);
    await rig.flow(fresh, 3);
    expect(proof.times).toHaveLength(22);
    proof.visit.leave();
    await rig.clock.advance(60_000);
    expect(rig.running()).toEqual([2]);
  });

  it('is kept for ten seconds after its last reader, for its promotion', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(proving);
    const proof = new Watcher(candidateOf(rig, 2));
    const fresh = rig.last();
    fresh.setUp();
    fresh.picture(true);
    proof.visit.leave();
    await rig.clock.advance(9_000);
    rig.stream.setCamera(told(target(2)));
    fresh.picture(true);
    expect([rig.stream.revision, rig.pulls.length]).toEqual([2, 2]);

    rig.stream.setCamera(told(target(2), { candidate: target(3) }));
    new Watcher(candidateOf(rig, 3)).visit.leave();
    await rig.clock.advance(9_999);
    expect(rig.running()).toEqual([2, 3]);
    await rig.clock.advance(1);
    expect(rig.running()).toEqual([2]);
  });

  it('is read where nobody reads the stream, and found by the reader that comes then', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(proving);
    const proof = new Watcher(candidateOf(rig, 2)).play();
    rig.last().setUp();
    rig.last().picture(true);
    expect([rig.running(), rig.stream.state, proof.times]).toEqual([[2], 'idle', ['0k']]);
    rig.stream.setCamera(told(target(2)));
    const watcher = new Watcher(rig.stream).play();
    expect(rig.pulls).toHaveLength(1);
    rig.last().picture(true);
    expect([watcher.times.length, proof.isEnded]).toEqual([4, false]);
    watcher.visit.leave();
    // The camera's stream is idle, and the candidate's proof goes on.
    expect([rig.stream.state, rig.running()]).toEqual(['idle', [2]]);
    rig.last().picture(false);
    expect(proof.times).toHaveLength(3);
  });

  it('is unknown before it was told and after it was withdrawn, which ends its readers and its pull', async () => {
    const rig = await liveStream();
    expect(rig.stream.candidate(2)).toBeNull();
    rig.stream.setCamera(proving);
    const held = candidateOf(rig, 2);
    const [waiting, playing] = [new Watcher(held), new Watcher(held)];
    rig.last().setUp();
    rig.last().picture(true);
    await rig.clock.advance(0);
    rig.stream.setCamera(told(target(1), { candidate: target(3) }));
    await rig.clock.advance(0);
    expect([rig.stream.candidate(2), waiting.isEnded, playing.isEnded, rig.running()]).toEqual([null, true, true, [1]]);
    const late = new Watcher(held);
    await rig.clock.advance(0);
    expect([late.tracks, rig.running()]).toEqual([null, [1]]);
  });

  it('ends with its pull, and is pulled again for its next reader alone', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(proving);
    const proof = new Watcher(candidateOf(rig, 2));
    rig.last().end();
    await rig.clock.advance(15_000);
    expect([proof.tracks, rig.pulls.length, rig.stream.revision]).toEqual([null, 2, 1]);
    expect(proof.visit.whyNone?.()).toBe('connection');
    const again = new Watcher(candidateOf(rig, 2));
    expect(again.visit.whyNone?.()).toBeNull();
    expect(rig.pulls).toHaveLength(3);
  });

  it('is never a third pull: it waits while the stream needs two, and gives way to it', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(told(target(2), { candidate: target(3) }));
    const proof = new Watcher(candidateOf(rig, 3));
    expect(rig.running()).toEqual([1, 2]);
    rig.last().setUp();
    rig.last().picture(true);
    await rig.clock.advance(130);
    rig.last().picture(false);
    expect([rig.stream.revision, rig.running()]).toEqual([2, [2, 3]]);
    rig.stream.setCamera(told(target(4), { candidate: target(3) }));
    await rig.clock.advance(0);
    expect([proof.tracks, rig.running()]).toEqual([null, [2, 4]]);
  });

  it('that the camera is deleted under ends with it', async () => {
    const rig = await liveStream();
    rig.stream.setCamera(proving);
    const proof = new Watcher(candidateOf(rig, 2));
    rig.last().setUp();
    rig.last().picture(true);
    await rig.clock.advance(0);
    rig.stream.end();
    expect([proof.isEnded, rig.watcher.isEnded, rig.running(), rig.stream.state]).toEqual([true, true, [], 'idle']);
    const late = new Watcher(rig.stream);
    await rig.clock.advance(60_000);
    expect([late.tracks, rig.running(), rig.stream.candidate(2)]).toEqual([null, [], null]);
  });

  it('that is in force shares the pull of the stream, and does not hold it up when that ends', async () => {
    const rig = await liveStream();
    const proof = new Watcher(candidateOf(rig, 1)).play();
    await rig.flow(rig.last(), 300);
    expect([rig.pulls.length, proof.tracks?.picture?.codec, proof.frames.length > 250]).toEqual([1, 'h264', true]);
    rig.last().end();
    expect([rig.running(), rig.pulls.length, proof.isEnded]).toEqual([[1], 2, true]);
    rig.last().setUp();
    rig.last().picture(true);
    expect([rig.stream.state, rig.watcher.isEnded]).toEqual(['live', false]);
  });
});
