import type { TranscodePlaces } from '../pull/transcodePlaces.js';
import type { ReaderLink, ReaderTranscode } from '../reader/readerLink.js';
import { MediaError } from '../units/mediaError.js';
import { parameterSetsIn, unitsOf } from '../units/nalUnits.js';
import type { Convert } from './derivedStream.js';

const START = Buffer.from([0, 0, 0, 1]);
const LENGTH_BYTES = 4;

/** A stream of H.265 with its pictures as H.264; its sound goes through as it is. */
export function h264Of(reader: Pick<ReaderLink, 'transcode'>, places: Pick<TranscodePlaces, 'ask'>): Convert {
  return ({ picture, sound }, { onTracks, onFrame, onEnd }) => {
    if (picture?.codec !== 'h265') return null;
    let isTold = false;
    let transcode: ReaderTranscode | null = null;
    const show = (timeMs: number, isKey: boolean, units: readonly Buffer[]): void => {
      if (!isTold && !isKey) return;
      if (!isTold) {
        isTold = true;
        const parameterSets = parameterSetsIn('h264', units).map((set) => Buffer.from(set));
        onTracks({ picture: { codec: 'h264', parameterSets, lengthBytes: LENGTH_BYTES }, sound });
      }
      onFrame({ kind: 'picture', presentMs: timeMs, isKey, units });
    };
    const begin = (): ReaderTranscode =>
      reader.transcode({ op: 'make-picture', from: 'h265' }, null, {
        onReport: (report, data) => {
          if (report.kind === 'end') onEnd();
          else if (report.kind === 'made') {
            const units = unitsIn(data);
            if (units === null) onEnd();
            else show(report.timeMs, report.isKey, units);
          }
        },
        onTrouble: onEnd,
      });
    // Long before the first frame comes, which readers of a stream get only some time after they play it.
    const place = places.ask((isGiven) => {
      if (isGiven) transcode = begin();
      else onEnd();
    });
    return {
      take: (frame) => {
        if (frame.kind === 'sound') {
          if (isTold) onFrame(frame);
          return;
        }
        const withStarts = Buffer.concat(frame.units.flatMap((unit) => [START, unit]));
        transcode?.give(frame.presentMs, frame.isKey, withStarts);
      },
      stop: () => {
        transcode?.stop();
        place.leave();
      },
    };
  };
}

function unitsIn(data: Buffer): readonly Buffer[] | null {
  try {
    return unitsOf(data, LENGTH_BYTES);
  } catch (thrown) {
    if (thrown instanceof MediaError) return null;
    throw thrown;
  }
}
