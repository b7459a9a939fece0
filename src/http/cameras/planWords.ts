import type { PlannedChange } from '../../engine/mediaEngine.js';

const CARRIED: Readonly<Record<NonNullable<PlannedChange['movesTo']>, string>> = {
  relay: 'From then on the relay pulls the camera, and no viewer notices its renewals.',
  'media-server': 'From then on the media server pulls the camera itself, and each renewal drops its viewers.',
};

/** What viewers would notice of a change, and what is different for them after it. */
export function planWords({ how, viewers, movesTo }: PlannedChange): string {
  const now = felt(how, viewers);
  return movesTo === undefined ? now : `${now} ${CARRIED[movesTo]}`;
}

function felt(how: PlannedChange['how'], viewers: number | null): string {
  if (how === 'none' || how === 'hot') return 'No viewer notices.';
  if (viewers === 0) return 'Nobody watches now, so nobody notices.';
  if (viewers === 1)
    return how === 'handover'
      ? 'The viewer sees the picture freeze until the next key frame.'
      : 'The viewer is dropped and has to reconnect.';
  const all = viewers === null ? 'All viewers' : `All ${viewers} viewers`;
  return how === 'handover'
    ? `${all} see the picture freeze until the next key frame.`
    : `${all} are dropped and have to reconnect.`;
}
