import { z } from 'zod';
import { createDocument, type oas31, type ZodOpenApiPathsObject } from 'zod-openapi';
import { forecastReply } from '../shapes/forecastSchema.js';
import { embeddedPaths } from './openApiEmbedded.js';
import { binary, body, cameraErrors, error, html, id, json, operation } from './openApiParts.js';
import * as alert from '../shapes/alertSchemas.js';
import * as passes from '../shapes/passSchemas.js';
import * as reply from '../shapes/replySchemas.js';
import * as request from '../shapes/schemas.js';
import * as status from '../shapes/statusSchemas.js';

export type OpenApiDocument = oas31.OpenAPIObject;

/**
 * Describes every route, from the schemas that parse requests and that tests check replies with. A test compares it with the
 * route table.
 */
export function openApiDocument(version: string): OpenApiDocument {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'camlease',
      version,
      description:
        'Keeps cloud cameras on air. Errors have one form: `{success: false, error: {code, message, cure?}}`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
  });
}

const plannable = 'With `?plan=true` the reply is a plan of what would change, and nothing is written.';
const async = 'With `Prefer: respond-async`, or when it takes longer than 30 s, 202 names the pass.';

const paths: ZodOpenApiPathsObject = {
  '/api/hikvision/initialize': {
    post: operation('Find and lease all cameras', {
      description: `Discovers all accounts (EZVIZ too), leases every online camera and has the paths written. Joins a pass that runs. ${async}`,
      requestBody: body(request.emptyBody, false),
      responses: {
        '200': json('The pass ended; this is its report.', passes.initializeReply),
        '202': json('It still runs; Location has its address.', passes.runningReply),
        '409': error('No account is configured.'),
        '502': error('Every account is refused.'),
      },
    }),
  },
  '/api/hikvision/renew': {
    post: operation('Renew leases', {
      description: `Unforced: only what is due. With \`force\` the reply says in \`bypassed\` what was passed over. Answers after proof. ${async} ${plannable}`,
      requestParams: { query: request.planQuery },
      requestBody: body(request.renewBody, false),
      responses: {
        '200': json('The pass ended; this is its report. Or the plan.', z.union([passes.renewReply, reply.planReply])),
        '202': json('It still runs; Location has its address.', passes.runningReply),
        '404': error('One of the cameras does not exist.'),
      },
    }),
  },
  '/api/camera': {
    get: operation('List cameras', {
      requestParams: { query: request.listQuery },
      responses: { '200': json('A page of cameras; `total` counts all that match.', reply.camerasReply) },
    }),
    post: operation('Add a camera by hand', {
      requestBody: body(request.createCameraBody, true),
      responses: {
        '201': json('It is stored; a lease is asked for unless `rtmpPath` gave one.', reply.oneCameraReply),
        '409': error('It exists already, or its account is not known.'),
      },
    }),
  },
  '/api/camera/{id}': {
    get: operation('Show a camera', {
      requestParams: id,
      responses: { '200': json('The camera.', reply.oneCameraReply), ...cameraErrors },
    }),
    put: operation('Change a camera', {
      description: `Fields that are left out stay as they are. ${plannable}`,
      requestParams: { ...id, query: request.planQuery },
      requestBody: body(request.changeCameraBody, true),
      responses: {
        '200': json('The changed camera. Or the plan.', z.union([reply.oneCameraReply, reply.planReply])),
        ...cameraErrors,
      },
    }),
    delete: operation('Delete a camera', {
      description: `Discovery does not bring it back; add it by hand to have it again. ${plannable}`,
      requestParams: { ...id, query: request.planQuery },
      responses: {
        '200': json('It is gone. Or the plan.', z.union([reply.planReply, reply.removedReply])),
        ...cameraErrors,
      },
    }),
  },
  '/api/camera/{id}/events': {
    get: operation("The steps of a camera's leases", {
      description: 'Newest first, of the last 90 days.',
      requestParams: { ...id, query: request.eventsQuery },
      responses: { '200': json('A page of steps.', reply.eventsReply), ...cameraErrors },
    }),
  },
  '/api/events': {
    get: operation('The steps of all leases as they happen', {
      description:
        'Server-sent events: `event: step`, `id` the id of the step, `data` the step as JSON. A comment line comes every 15 s. Who comes back with Last-Event-ID gets what he missed first.',
      requestParams: { query: request.streamQuery, header: request.streamHeaders },
      responses: {
        '200': {
          description: 'The stream; `data` has this form.',
          content: { 'text/event-stream': { schema: reply.eventReply } },
        },
        '404': error('There is no such camera.'),
        '503': error('Too many streams are open.'),
      },
    }),
  },
  '/api/outages': {
    get: operation('What did not work, and when', {
      description: 'Outages of cameras and accounts of the last 90 days, newest first.',
      requestParams: { query: status.outagesQuery },
      responses: {
        '200': json('Those that reach into the time asked for.', status.outagesReply),
        '404': error('There is no such camera.'),
      },
    }),
  },
  '/api/availability': {
    get: operation('How much of the time cameras worked', {
      description:
        'Of a camera, of an account, or of all: time with moving bytes of the time in which the camera was pulled or should have been. A camera that nobody pulls is in neither part.',
      requestParams: { query: status.availabilityQuery },
      responses: {
        '200': json('For the last day, week and month.', status.availabilityReply),
        '404': error('There is no such camera.'),
        '409': error('There is no such account.'),
      },
    }),
  },
  '/api/forecast': {
    get: operation('What falls due, and what is too late', {
      description:
        "Renewals per hour and day, how long what waits takes at the vendors' rate, and the earliest moment at which a camera goes dark unless it is renewed.",
      responses: { '200': json('As far as it is known now.', forecastReply) },
    }),
  },
  '/api/plan': {
    post: operation('What an action would change, and whom it would touch', {
      description: 'Nothing is written, and no cloud is asked.',
      requestBody: body(request.planBody, true),
      responses: {
        '200': json('The plan; cameras to which nothing would happen are left out.', reply.planReply),
        '404': error('One of the cameras does not exist.'),
      },
    }),
  },
  '/api/camera/{id}/live': {
    get: operation('Where to play a camera', {
      requestParams: id,
      responses: {
        '200': json('Play it here.', reply.liveReply),
        '409': json('It has no picture now; the reason and a cure.', reply.notLiveReply),
        '503': error('The media server has not answered for ten seconds, so nothing plays there.'),
        ...cameraErrors,
      },
    }),
  },
  '/api/camera/{id}/snapshot': {
    get: operation('The last picture of a camera', {
      requestParams: id,
      responses: {
        '200': { description: 'Its age is in Age (seconds) and X-Picture-Taken-At.', content: binary('image/jpeg') },
        '304': { description: 'Not newer than If-Modified-Since.' },
        ...cameraErrors,
      },
    }),
  },
  '/api/alerts': {
    get: operation('What is wrong now, and what was lately', {
      responses: { '200': json('Open alerts, those of the last seven days, and who is told.', alert.alertsReply) },
    }),
  },
  '/api/alerts/test': {
    post: operation('Send a test through one sender, or through all', {
      requestBody: body(alert.testAlertBody, false),
      responses: {
        '200': json('Whether it went, for each; if not, why and what to do about it.', alert.alertTestReply),
        '404': error('There is no such sender.'),
      },
    }),
  },
  '/api/maintenance': {
    get: operation('Maintenance windows', {
      responses: { '200': json('Those that are not over.', alert.maintenanceReply) },
    }),
    post: operation('Add a maintenance window', {
      description: 'Nothing is sent about what lies in it. What is still broken at its end is sent then.',
      requestBody: body(alert.maintenanceBody, true),
      responses: {
        '201': json('It holds.', alert.oneMaintenanceReply),
        '409': error('There are too many windows, or they name too much.'),
      },
    }),
  },
  '/api/maintenance/{id}': {
    delete: operation('End a maintenance window', {
      requestParams: { path: alert.windowParams },
      responses: {
        '200': json('It is over.', alert.endedMaintenanceReply),
        '404': error('There is no such window.'),
      },
    }),
  },
  '/api/pass/{id}': {
    get: operation('What a pass did so far', {
      requestParams: { path: request.passParams },
      responses: { '200': json('The pass.', passes.passReply), '404': error('There is no such pass.') },
    }),
  },
  '/api/account': {
    get: operation('Accounts and whether their clouds take them', {
      responses: { '200': json('All accounts; no keys.', reply.accountsReply) },
    }),
  },
  '/api/account/try': {
    post: operation('Try keys before they are stored', {
      requestBody: body(request.tryAccountBody, true),
      responses: {
        '200': json('The keys are good.', reply.triedReply),
        '502': error('The cloud refuses the keys; its code and a cure.'),
      },
    }),
  },
  '/api/openapi.json': {
    get: operation('This document', {
      responses: {
        '200': { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
      },
    }),
  },
  '/api/docs': { get: operation('This document as a page', { responses: { '200': html } }) },
  '/health': {
    get: operation('Is the process alive?', { responses: { '200': json('It is.', reply.healthReply) } }),
  },
  '/ready': {
    get: operation('Can cameras be served?', {
      responses: { '200': json('Yes.', reply.readyReply), '503': json('Not now; by part.', reply.readyReply) },
    }),
  },
  '/metrics': {
    get: operation('Figures for Prometheus', {
      responses: {
        '200': { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: { type: 'string' } } } },
      },
    }),
  },
  '/': { get: operation('The page with all cameras', { responses: { '200': html } }) },
  ...embeddedPaths,
};
