import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { ReaderPull } from '../reader/readerLink.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { readerPuller } from './readerPuller.js';
import { TranscodePlaces } from './transcodePlaces.js';

const TARGET: PullTarget = {
  ...{ url: 'http://camera.test/video', revision: 1, endsAt: null, tracks: null },
  givenBy: 'person',
};
const NOTHING = Buffer.alloc(0);

/** A reader child for sources that all have to be transcoded, and a parent that answers `isGiven`. */
function startRig(isForOpenings = false): {
  readonly opened: ReaderPull[];
  readonly log: string[];
  readonly give: (isGiven: boolean) => void;
  readonly pull: () => { readonly ends: readonly AnyPullEnd[]; readonly stop: () => void };
} {
  const opened: ReaderPull[] = [];
  const log: string[] = [];
  const asked: number[] = [];
  const transcodes = new TranscodePlaces(({ kind, id }) => {
    log.push(kind);
    if (kind === 'transcode-wanted') asked.push(id);
  });
  const link = {
    open: (_url: string, pull: ReaderPull) => {
      opened.push(pull);
      return { stop: () => void log.push('stop'), transcode: () => void log.push('transcode') };
    },
  };
  const puller = readerPuller({ link, clock: new TurnedClock(), transcodes, isForOpenings });
  return {
    ...{ opened, log },
    give: (isGiven) => transcodes.answer(asked.at(-1) ?? 0, isGiven),
    pull: () => {
      const ends: AnyPullEnd[] = [];
      const handlers = {
        onUnit: () => undefined,
        onBytes: () => undefined,
        onEnd: (end: AnyPullEnd) => ends.push(end),
      };
      const pulling = puller(TARGET, handlers);
      return { ends, stop: () => pulling.stop() };
    },
  };
}

describe('a source that has to be transcoded', () => {
  it('goes on with a place, which it gives back', () => {
    const { opened, log, give, pull } = startRig();
    const { stop } = pull();
    opened[0]?.onReport({ kind: 'transcode', id: 1 }, NOTHING);
    give(true);
    stop();
    expect(log).toEqual(['transcode-wanted', 'transcode', 'transcode-over', 'stop']);
  });

  it('ends without a place, and is dialled again only with one', () => {
    const { opened, log, give, pull } = startRig();
    const { ends } = pull();
    opened[0]?.onReport({ kind: 'transcode', id: 1 }, NOTHING);
    give(false);
    expect(ends).toEqual([{ why: 'no-transcode' }]);
    const second = pull();
    give(false);
    expect([second.ends, opened.length]).toEqual([[{ why: 'no-transcode' }], 1]);
    const third = pull();
    give(true);
    opened[1]?.onReport({ kind: 'transcode', id: 1 }, NOTHING);
    expect([third.ends, opened.length, log.at(-1)]).toEqual([[], 2, 'transcode']);
  });

  it('is dialled for an opening in any case, since that needs the first picture alone', () => {
    const { opened, give, pull } = startRig(true);
    pull();
    opened[0]?.onReport({ kind: 'transcode', id: 1 }, NOTHING);
    give(false);
    pull();
    expect(opened).toHaveLength(2);
  });
});
