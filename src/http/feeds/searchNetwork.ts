import { prefersAsync, replyOfPass } from '../passes/startPass.js';
import { readBody } from '../route/body.js';
import { answers } from '../route/contract.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { networkBody } from '../shapes/feedSchemas.js';
import { networkReport, runningReply } from '../shapes/passSchemas.js';

export const searchNetwork = endpoint(
  {
    summary: 'Search the local network for cameras that speak ONVIF',
    description:
      'Asks every device on the networks of this machine, or the `addresses` that the body names; nothing is stored. Each device is ' +
      'shown with its streams, and a stream becomes a camera by `POST /api/camera` with its `url`. Questions to a whole network do not ' +
      "leave a container's own network: name addresses there. With `Prefer: respond-async`, or after 30 s, the reply is 202 with the id " +
      'of the pass.',
    body: { format: 'json', required: false, schema: networkBody },
    replies: {
      200: answers('The pass ended; this is its report.', networkReport),
      202: answers('The pass still runs; the header Location has its address.', runningReply),
    },
  },
  searchNetworkHandler,
);

function searchNetworkHandler(deps: Pick<HttpDeps, 'jobs' | 'clock' | 'redact'>): Handler {
  return async (request, response) => {
    const { addresses, user, password } = readBody(networkBody, request);
    const wish = {
      ...{ addresses: [...new Set(addresses ?? [])], asksAll: addresses === undefined },
      login: user === undefined ? null : { user, password: password ?? '' },
    };
    await replyOfPass(deps, response, await deps.jobs.searchNetwork(wish), prefersAsync(request.headers['prefer']));
  };
}
