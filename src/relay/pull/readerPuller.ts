import type { Clock } from '../../core/clock.js';
import type { ReaderReport } from '../../core/streams/readerFrames.js';
import type { ReaderLink } from '../reader/readerLink.js';
import { ReadUnits } from '../reader/readUnits.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { MediaError } from '../units/mediaError.js';
import type { Puller } from './puller.js';

/** A reader child that says nothing of a pull for so long has no picture: longer than an HLS segment may be. */
const SILENCE_MS = 30_000;

/** Pulls what the reader child reads: HLS over http and https. */
export function readerPuller(link: Pick<ReaderLink, 'open'>, clock: Clock): Puller {
  return ({ url }, { onUnit, onBytes, onEnd }) => {
    const units = new ReadUnits();
    let isOver = false;
    let heardMs = clock.monotonicMs();
    const stop = (): void => {
      isOver = true;
      cancelWatch();
      pull.stop();
    };
    const end = (ended: AnyPullEnd): void => {
      if (isOver) return;
      stop();
      onEnd(ended);
    };
    const take = (report: ReaderReport, bytes: Buffer): void => {
      if (isOver) return;
      heardMs = clock.monotonicMs();
      if (report.kind === 'bytes') onBytes(report.count);
      else if (report.kind === 'end') end(endOf(report));
      // The receiver may stop the pull at any unit.
      else for (const unit of units.of(report, bytes)) if (!wasStopped()) onUnit(unit);
    };
    const wasStopped = (): boolean => isOver;
    const watch = (): (() => void) =>
      clock.after(Math.max(0, heardMs + SILENCE_MS - clock.monotonicMs()), () => {
        if (clock.monotonicMs() - heardMs < SILENCE_MS) cancelWatch = watch();
        else end({ why: 'silence' });
      });
    let cancelWatch = watch();
    const pull = link.open(url, {
      onReport: (report, bytes) => {
        try {
          take(report, bytes);
        } catch (thrown) {
          if (!(thrown instanceof MediaError)) throw thrown;
          end({ why: 'protocol' });
        }
      },
      onTrouble: (trouble) => end({ why: trouble === 'missing' ? 'reader-missing' : 'reader-lost' }),
    });
    return { stop };
  };
}

function endOf({ why, code }: Extract<ReaderReport, { kind: 'end' }>): AnyPullEnd {
  return code === null ? { why } : { why, code };
}
