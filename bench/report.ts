/** A target of a bench, and the measured result. */
export interface Wish {
  readonly what: string;
  readonly wanted: string;
  readonly seen: string;
  readonly isMet: boolean;
}

/** The median; NaN of an empty list. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** `0.08 s`; `–` for NaN. */
export function seconds(ms: number): string {
  return Number.isNaN(ms) ? '–' : `${(ms / 1_000).toFixed(2)} s`;
}

/** `0.08 s (0.07, 0.15)`: median, least and most; `–` of an empty list. */
export function spread(allMs: readonly number[]): string {
  if (allMs.length === 0) return '–';
  const bare = (ms: number): string => (ms / 1_000).toFixed(2);
  return `${seconds(median(allMs))} (${bare(Math.min(...allMs))}, ${bare(Math.max(...allMs))})`;
}

/** `relay 9, forward 1`. */
export function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
}

/** A Markdown table. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function wishTable(list: readonly Wish[]): string {
  return table(
    ['what', 'wanted', 'seen', ''],
    list.map(({ what, wanted, seen, isMet }) => [what, wanted, seen, isMet ? 'met' : 'missed']),
  );
}
