import type { PlannedChange } from '../engine/mediaEngine.js';

const CARRIED: Readonly<Record<NonNullable<PlannedChange['movesTo']>, string>> = {
  relay: 'From then on the relay carries the camera, and nobody notices its renewals.',
  'media-server': 'From then on the media server pulls the camera by itself, and a renewal drops whoever watches.',
};

/** What a change would be like for those who watch, and afterwards. */
export function planWords({ how, viewers, movesTo }: PlannedChange): string {
  const now = felt(how, viewers);
  return movesTo === undefined ? now : `${now} ${CARRIED[movesTo]}`;
}

function felt(how: PlannedChange['how'], viewers: number | null): string {
  if (how === 'none' || how === 'hot') return 'Nobody who watches notices.';
  if (viewers === 0) return 'Nobody watches now, so nobody notices.';
  const who = viewers === null ? 'Whoever watches' : viewers === 1 ? 'The one who watches' : `All ${viewers} who watch`;
  const isMany = viewers !== null && viewers > 1;
  return how === 'handover'
    ? `${who} ${isMany ? 'see' : 'sees'} the picture stand until the next key frame.`
    : `${who} ${isMany ? 'are dropped and have' : 'is dropped and has'} to come back.`;
}
