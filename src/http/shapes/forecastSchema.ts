import { z } from 'zod';

const moment = z.iso.datetime();
const count = z.int().min(0);
const buckets = z.array(z.object({ from: moment, leases: count }));

/** The figures of each account, and of all accounts together. */
const outlook = {
  backlog: count.meta({ description: 'Cameras that wait for their renewal now.' }),
  backlogDoneAt: moment
    .nullable()
    .meta({ description: "When all waiting renewals are done at the vendor's rate; null: no camera waits." }),
  firstDarkAt: moment.nullable().meta({
    description: 'When the first camera goes dark if nothing is renewed; null: no camera has a valid lease.',
  }),
  tooLate: count.meta({ description: 'How many cameras go dark before their renewal can come.' }),
  quotaUsed: z.number().min(0).max(1).nullable().meta({
    description:
      'Which part of the streams that the vendor allows is in use, 1 being all; null: `streamCap` is not configured.',
  }),
};

export const forecastReply = z
  .object({
    success: z.literal(true),
    madeAt: moment,
    hours: buckets.meta({
      description:
        'How many leases are to be renewed in each of the next 24 hours, from the beginning of the current hour.',
    }),
    days: buckets.meta({
      description:
        'How many leases are to be renewed in each of the next 14 times 24 hours; a lease that camlease obtains within that time counts again when it falls due.',
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
