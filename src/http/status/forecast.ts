import type { z } from 'zod';
import type { AccountForecast, DueBucket, Forecast } from '../../core/renewal/forecast.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import type { Sample } from './sample.js';
import { answers } from '../route/contract.js';
import { forecastReply } from '../shapes/forecastSchema.js';

type ForecastJson = z.input<typeof forecastReply>;
type OutlookJson = Omit<ForecastJson['accounts'][number], 'account' | 'callsPerHour'>;

export const getForecast = endpoint(
  {
    summary: 'Which renewals fall due, and which come too late',
    description:
      "Renewals per hour and day, how long the waiting renewals take at the vendors' rate, and when the first camera goes dark if nothing is renewed.",
    replies: { 200: answers('The forecast, as of now.', forecastReply) },
  },
  getForecastHandler,
);

/** What falls due, how long the waiting renewals take, and which cameras go dark before. */
function getForecastHandler({ jobs }: Pick<HttpDeps, 'jobs'>): Handler {
  return (_request, response) => {
    response.json(forecastJson(jobs.forecast()));
  };
}

function forecastJson({ madeAt, hours, days, accounts }: Forecast): ForecastJson {
  const buckets = (list: readonly DueBucket[]): ForecastJson['hours'] =>
    list.map(({ from, leases }) => ({ from: from.toISOString(), leases }));
  return {
    success: true,
    madeAt: madeAt.toISOString(),
    hours: buckets(hours),
    days: buckets(days),
    ...outlookJson(total(accounts)),
    accounts: accounts.map((one) => ({
      account: one.account,
      callsPerHour: one.callsPerHour,
      ...outlookJson(one),
    })),
  };
}

type Outlook = Omit<AccountForecast, 'account' | 'callsPerHour'>;

function total(accounts: readonly AccountForecast[]): Outlook {
  const moments = (of: (one: AccountForecast) => Date | null): number[] =>
    accounts.flatMap((one) => of(one)?.getTime() ?? []);
  const ends = moments(({ firstDarkAt }) => firstDarkAt);
  const done = moments(({ backlogDoneAt }) => backlogDoneAt);
  const used = accounts.flatMap(({ quotaUsed }) => quotaUsed ?? []);
  return {
    backlog: accounts.reduce((sum, { backlog }) => sum + backlog, 0),
    backlogDoneAt: done.length === 0 ? null : new Date(Math.max(...done)),
    firstDarkAt: ends.length === 0 ? null : new Date(Math.min(...ends)),
    tooLate: accounts.reduce((sum, { tooLate }) => sum + tooLate, 0),
    quotaUsed: used.length === 0 ? null : Math.max(...used),
  };
}

function outlookJson({ backlog, backlogDoneAt, firstDarkAt, tooLate, quotaUsed }: Outlook): OutlookJson {
  return {
    backlog,
    backlogDoneAt: backlogDoneAt?.toISOString() ?? null,
    firstDarkAt: firstDarkAt?.toISOString() ?? null,
    tooLate,
    quotaUsed,
  };
}

/** The same figures for Prometheus, by account. */
export function forecastMetrics({
  accounts,
  madeAt,
}: Forecast): { readonly name: string; readonly help: string; readonly samples: Sample[] }[] {
  const samples = (of: (one: AccountForecast) => number | null): Sample[] =>
    accounts.flatMap((one) => {
      const value = of(one);
      return value === null ? [] : [{ labels: { account: one.account }, value }];
    });
  const seconds = (moment: Date | null): number | null => moment && (moment.getTime() - madeAt.getTime()) / 1000;
  return [
    {
      name: 'camlease_backlog',
      help: 'Cameras that wait for their renewal.',
      samples: samples(({ backlog }) => backlog),
    },
    {
      name: 'camlease_backlog_seconds',
      help: "How long the waiting renewals take at the vendor's rate.",
      samples: samples(({ backlogDoneAt }) => seconds(backlogDoneAt)),
    },
    {
      name: 'camlease_first_dark_seconds',
      help: 'Time until the first camera goes dark if nothing is renewed.',
      samples: samples(({ firstDarkAt }) => seconds(firstDarkAt)),
    },
    {
      name: 'camlease_too_late',
      help: 'Cameras that go dark before their renewal can come.',
      samples: samples(({ tooLate }) => tooLate),
    },
    {
      name: 'camlease_quota_used',
      help: 'The part of the streams that the vendor allows which is in use, 1 being all.',
      samples: samples(({ quotaUsed }) => quotaUsed),
    },
  ];
}
