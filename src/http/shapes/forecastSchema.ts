import { z } from 'zod';

const moment = z.iso.datetime();
const count = z.int().min(0);
const buckets = z.array(z.object({ from: moment, leases: count }));

/** The figures of each account, and of all accounts together. */
const outlook = {
  backlog: count.meta({ description: 'Cameras that wait for their renewal now.' }),
  backlogDoneAt: moment
    .nullable()
    .meta({ description: "When all waiting renewals are done at the vendor's rate; null: nothing waits." }),
  firstDarkAt: moment.nullable().meta({
    description: 'When the first camera goes dark unless it is renewed before; null: no camera has a valid lease.',
  }),
  tooLate: count.meta({ description: 'Cameras that go dark before their turn comes.' }),
  quotaUsed: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .meta({ description: "Part of the vendor's streams in use; null: `streamCap` is not configured." }),
};

export const forecastReply = z
  .object({
    success: z.literal(true),
    madeAt: moment,
    hours: buckets.meta({ description: 'Renewals in each of 24 hours, from the beginning of this one.' }),
    days: buckets.meta({
      description: 'Renewals in each of 14 times 24 hours, leases that will be obtained included.',
    }),
    ...outlook,
    accounts: z.array(
      z.object({
        account: z.string(),
        callsPerHour: count.meta({ description: 'Live URLs that the vendor gives in an hour.' }),
        ...outlook,
      }),
    ),
  })
  .meta({ id: 'Forecast' });
