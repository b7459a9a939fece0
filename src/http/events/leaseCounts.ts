import { LEASE_STEPS, type LeaseEvent, type LeaseStep } from '../../core/handover/leaseEvents.js';

/** How often each step was taken since the process started. */
export interface LeaseCounts {
  count(event: LeaseEvent): void;
  /** Every step, also those that never happened: Prometheus needs the zero to compute a rate. */
  readonly steps: () => readonly { readonly step: LeaseStep; readonly count: number }[];
  /** Handovers that dropped viewers because the stream has other tracks now. */
  readonly rebuilds: () => number;
}

export function createLeaseCounts(): LeaseCounts {
  const byStep = new Map<LeaseStep, number>(LEASE_STEPS.map((step) => [step, 0]));
  let rebuilds = 0;
  return {
    count({ step, reason }) {
      byStep.set(step, (byStep.get(step) ?? 0) + 1);
      if (step === 'handed-over' && reason === 'rebuild') rebuilds += 1;
    },
    steps: () => [...byStep].map(([step, count]) => ({ step, count })),
    rebuilds: () => rebuilds,
  };
}
