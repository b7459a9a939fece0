import type { Simulator } from './index.js';
import { VENDORS } from '../src/cloud/vendors/registry.js';

/** The lines that the command prints: settings for `.env`, then comments on how to use them. The keys are valid in this simulator only. */
export function envLines(
  { accounts, extraHosts, controlUrl, fleet }: Simulator,
  lifetimeSeconds: number | null,
): readonly string[] {
  const logins = accounts.flatMap(({ vendor, appKey, secret, baseUrls }) => {
    const form = VENDORS.find(({ name }) => name === vendor)?.accounts;
    if (!form) return [];
    return [
      `${form.prefix}_${form.key.variable}=${appKey}`,
      `${form.prefix}_${form.secret.variable}=${secret}`,
      `${form.prefix}_BASE_URL=${baseUrls.join(',')}`,
    ];
  });
  return [
    `# ${fleet.cameras().length} simulated cameras. Put these lines into .env:`,
    ...logins,
    `CLOUD_EXTRA_HOSTS=${extraHosts.join(',')}`,
    ...(lifetimeSeconds === null ? [] : [`STREAM_LIFETIME_SECONDS=${lifetimeSeconds}`]),
    ...(controlUrl === null ? [] : ['', `# Faults, clock and counters: ${controlUrl}/control`]),
    '# Ctrl-C ends the simulator.',
  ];
}

/** The same settings as an environment. */
export function envSettings(simulator: Simulator): Record<string, string> {
  return Object.fromEntries(
    envLines(simulator, null).flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}
