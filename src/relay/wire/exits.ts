/** Exit codes of a relay that cannot start, so that camlease, which started it, can say why. */
export const START_FAILURES = { folder: 1, settings: 2, locked: 3, port: 4, disk: 5 } as const;
export type StartFailure = keyof typeof START_FAILURES;

export function startFailureOf(exitCode: number | null): StartFailure | null {
  const found = Object.entries(START_FAILURES).find(([, code]) => code === exitCode);
  return (found?.[0] as StartFailure | undefined) ?? null;
}
