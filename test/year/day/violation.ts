export interface DayViolation {
  readonly atMs: number;
  /** A camera as its cloud calls it, an account, or what is owned. */
  readonly subject: string;
  readonly what:
    | 'twice'
    | 'older'
    | 'unproven'
    | 'dark'
    | 'came-back'
    | 'closed'
    | 'two-callers'
    | 'two-writers'
    | 'too-fast'
    | 'late-takeover'
    | 'usurped'
    | 'robbed'
    | 'stays-claimed';
  readonly sentence: string;
}

export type Violate = (subject: string, what: DayViolation['what'], sentence: string) => void;
