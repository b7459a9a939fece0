import { isAlwaysPulled } from '../../core/camera/camera.js';
import { GONE_MS, SLATE_AFTER_MS } from '../../core/camera/whenGone.js';
import type { DesiredStream } from '../../core/streams/streams.js';
import type { StandInRules } from '../../core/streams/standInRules.js';

/** An always-on camera gets its label as soon as it is known to be away, since its last picture is not repeated first. */
const ALWAYS_ON = { whenCold: true, silentMs: 1_500, labelledMs: 0, longestMs: null } as const;
/** The same times as the relay's. */
const RELAYED = { silentMs: 4_000, labelledMs: SLATE_AFTER_MS } as const;

/** What viewers of a camera see while its pictures do not come. */
export function standInRules({ mode, relaying }: Pick<DesiredStream, 'mode' | 'relaying'>): StandInRules {
  if (mode === 'always-on') return ALWAYS_ON;
  const longestMs = relaying?.whenGone === 'end' ? GONE_MS : null;
  return { ...RELAYED, whenCold: isAlwaysPulled(mode), longestMs };
}

export function sameRules(a: StandInRules, b: StandInRules): boolean {
  return a.whenCold === b.whenCold && a.labelledMs === b.labelledMs && a.longestMs === b.longestMs;
}
