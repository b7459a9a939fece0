import { onTestFinished } from 'vitest';
import { childModule } from '../../../src/core/childModule.js';
import { readerPuller } from '../../../src/relay/pull/readerPuller.js';
import { TranscodePlaces } from '../../../src/relay/pull/transcodePlaces.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { AnyPullEnd } from '../../../src/relay/rtmp/pullReason.js';
import { ReaderLink } from '../../../src/relay/reader/readerLink.js';
import type { RelayUnit } from '../../../src/relay/units/relayUnit.js';
import { systemClock } from '../../../src/systemClock.js';
import { Happenings } from '../happenings.js';

export type CameUnit = RelayUnit & { readonly cameMs: number };

export interface ReaderRun {
  readonly units: readonly CameUnit[];
  readonly end: AnyPullEnd | null;
  /** Resolves when `isSo` is true, checked at each unit, or when the pull has ended. */
  until(isSo: () => boolean): Promise<void>;
  stop(): void;
}

/** A real reader child that may dial this machine, unless `networks` says otherwise. */
export function startLink(networks = '127.0.0.0/8'): ReaderLink {
  const module = childModule('../../../src/readerChild.js', import.meta.url);
  const link = new ReaderLink({ module, clock: systemClock, env: { SOURCE_NETWORKS: networks } });
  onTestFinished(() => link.stop());
  return link;
}

/** Places for transcodes as a relay of one worker gives them. */
export function placesFor(most: number): TranscodePlaces {
  let taken = 0;
  const places: TranscodePlaces = new TranscodePlaces(({ kind, id }) =>
    queueMicrotask(() => {
      if (kind === 'transcode-over') taken -= 1;
      else if (taken < most) {
        taken += 1;
        places.answer(id, true);
      } else places.answer(id, false);
    }),
  );
  return places;
}

export function read(link: ReaderLink, url: string, transcodes: TranscodePlaces = placesFor(2)): ReaderRun {
  const happenings = new Happenings();
  const units: CameUnit[] = [];
  let end: AnyPullEnd | null = null;
  const target: PullTarget = { ...{ url, revision: 1, endsAt: null, tracks: null }, givenBy: 'person' };
  const pull = readerPuller({ link, clock: systemClock, transcodes, isForOpenings: false })(target, {
    // Copied: the bytes of a unit are valid only until this returns.
    onUnit: (unit) => {
      units.push({ ...structuredClone(unit), cameMs: performance.now() });
      happenings.tell();
    },
    onBytes: () => undefined,
    onEnd: (why) => {
      end = why;
      happenings.tell();
    },
  });
  onTestFinished(() => pull.stop());
  return {
    units,
    get end() {
      return end;
    },
    until: (isSo) => happenings.until(() => end !== null || isSo()),
    stop: () => pull.stop(),
  };
}

export const picturesOf = ({ units }: ReaderRun): Extract<CameUnit, { kind: 'picture' }>[] =>
  units.flatMap((unit) => (unit.kind === 'picture' ? [unit] : []));
export const soundsOf = ({ units }: ReaderRun): Extract<CameUnit, { kind: 'sound' }>[] =>
  units.flatMap((unit) => (unit.kind === 'sound' ? [unit] : []));
