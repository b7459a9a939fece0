import { z } from 'zod';
import { ACCOUNT_FAULTS, CAMERA_FAULTS, NEW_ADDRESS_PLAYS } from './cloud/faults.js';
import { isAccountFault, isCameraFault, isNewAddressPlays } from './cloud/faults.js';
import { startHttpServer, type HttpReply, type HttpRequest, type RunningServer } from './cloud/httpServer.js';
import { controlReport, type ControlDeps } from './controlReport.js';
import type { Fleet, SimulatedCamera } from './fleet.js';

const ROUTES = {
  'GET /control': 'this list, with all faults',
  'GET /control/cameras': 'cameras with faults, live URL calls and viewers',
  'GET /control/accounts': 'accounts with faults, settings and calls by kind',
  'GET /control/counters': 'calls by kind, pulls at the origin, busiest 950 ms',
  'GET /control/clock': "the simulator's wall clock",
  'POST /control/cameras/<SERIAL>_<channel>':
    '{"fault": "offline", "on": true}, {"newAddressPlays": "nothing"}, {"keyFrameSeconds": 4}, {"sound": "aac"}',
  'POST /control/cut':
    '{"camera": "<SERIAL>_<channel>"} or {"all": true}: ends the streams that play now; the live URLs stay valid',
  'POST /control/accounts/<name>':
    '{"fault": "busy", "on": true}, {"streamCap": 3}, {"tokenLifeSeconds": 600}, {"rateLimit": {"strict": false, "code": "HTTP429"}}',
  'POST /control/media': '{"cutAtExpiry": false}, {"sessionLimitMs": 60000}',
  'POST /control/clock': '{"advanceSeconds": 86400}',
} as const;

const seconds = z.number().min(0).max(10_000_000_000);
const CameraChange = z.strictObject({
  fault: z.string().optional(),
  on: z.boolean().optional(),
  newAddressPlays: z.string().optional(),
  keyFrameSeconds: z.int().min(1).max(6).optional(),
  sound: z.enum(['aac', 'none']).optional(),
});
const Cut = z.union([z.strictObject({ camera: z.string() }), z.strictObject({ all: z.literal(true) })], {
  error: 'name a "camera", or say "all": true',
});
const ClockChange = z.strictObject({ advanceSeconds: seconds });
const MediaChange = z.strictObject({
  cutAtExpiry: z.boolean().optional(),
  sessionLimitMs: z.number().positive().nullable().optional(),
});
const AccountChange = z.strictObject({
  fault: z.string().optional(),
  on: z.boolean().optional(),
  streamCap: z.int().min(0).nullable().optional(),
  tokenLifeSeconds: seconds.optional(),
  rateLimit: z
    .strictObject({
      strict: z.boolean().optional(),
      calls: z.int().positive().optional(),
      windowMs: z.number().positive().optional(),
      code: z.string().min(1).max(32).optional(),
    })
    .optional(),
});

/** A request that cannot be served, with the sentence for it. */
class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Starts the control API, over HTTP on 127.0.0.1: it switches faults, moves the clock and reports counts. */
export async function startControl(deps: ControlDeps & { readonly port: number }): Promise<RunningServer> {
  return startHttpServer({
    clock: deps.clock,
    port: deps.port,
    answer: (request) => {
      try {
        refuseForeign(request);
        return reply(200, route(deps, request));
      } catch (thrown) {
        if (thrown instanceof Complaint) return reply(thrown.status, { success: false, error: thrown.message });
        throw thrown;
      }
    },
  });
}

function route(deps: ControlDeps, request: HttpRequest): object {
  const report = controlReport(deps);
  const [, root, list, name, ...rest] = request.path.split('/');
  if (root !== 'control' || rest.length > 0) throw unknownRoute();
  switch (`${request.method} ${list ?? ''}${name === undefined ? '' : '/'}`) {
    case 'GET ':
      return {
        success: true,
        routes: ROUTES,
        cameraFaults: CAMERA_FAULTS,
        newAddressPlays: NEW_ADDRESS_PLAYS,
        accountFaults: ACCOUNT_FAULTS,
      };
    case 'GET cameras':
      return { success: true, cameras: report.cameras() };
    case 'GET accounts':
      return { success: true, accounts: report.accounts() };
    case 'GET counters':
      return { success: true, ...report.counters() };
    case 'GET clock':
      return { success: true, ...report.clock() };
    case 'POST clock':
      deps.clock.shift(read(ClockChange, request).advanceSeconds * 1000);
      return { success: true, ...report.clock() };
    case 'POST cut':
      return { success: true, cut: cut(deps, read(Cut, request)) };
    case 'POST media':
      return { success: true, media: changeMedia(deps.fleet, read(MediaChange, request)) };
    case 'POST cameras/':
      changeCamera(deps.fleet, name ?? '', read(CameraChange, request));
      return { success: true, camera: report.cameras().find(({ camera }) => camera === name) };
    case 'POST accounts/':
      changeAccount(deps.fleet, name ?? '', read(AccountChange, request));
      return { success: true, account: report.accounts().find((account) => account.name === name) };
    default:
      throw unknownRoute();
  }
}

function changeCamera(fleet: Fleet, ref: string, change: z.infer<typeof CameraChange>): void {
  const { stream } = cameraAt(fleet, ref);
  const { fault, on, newAddressPlays = stream.newAddressPlays } = change;
  if ((fault === undefined) !== (on === undefined)) throw new Complaint(400, '"fault" and "on" belong together.');
  if (!isNewAddressPlays(newAddressPlays)) {
    const known = Object.keys(NEW_ADDRESS_PLAYS).join(', ');
    throw new Complaint(400, `A new live URL cannot play "${newAddressPlays}". It can play: ${known}.`);
  }
  if (fault !== undefined && on !== undefined) {
    if (!isCameraFault(fault)) {
      throw new Complaint(
        400,
        `"${fault}" is not a camera fault. The faults are: ${Object.keys(CAMERA_FAULTS).join(', ')}.`,
      );
    }
    fleet.setCameraFault(ref, fault, on);
  }
  stream.newAddressPlays = newAddressPlays;
  stream.keyFrameSeconds = change.keyFrameSeconds ?? stream.keyFrameSeconds;
  stream.sound = change.sound ?? stream.sound;
}

/** Cuts the connections that play one camera, or all; returns how many. */
function cut({ fleet, gate, origin }: ControlDeps, what: z.infer<typeof Cut>): number {
  const ref = 'camera' in what ? cameraAt(fleet, what.camera).ref : null;
  return origin?.cut((streamName) => gate.plays(streamName, ref)) ?? 0;
}

function cameraAt(fleet: Fleet, ref: string): SimulatedCamera {
  const camera = fleet.cameraAt(ref);
  if (!camera) throw new Complaint(404, `There is no camera "${ref}"; GET /control/cameras lists them.`);
  return camera;
}

function changeAccount(fleet: Fleet, name: string, change: z.infer<typeof AccountChange>): void {
  const account = fleet.accounts.find((each) => each.name === name);
  if (!account) throw new Complaint(404, `There is no account "${name}"; GET /control/accounts lists them.`);
  const { fault, on, streamCap, tokenLifeSeconds, rateLimit = {} } = change;
  if ((fault === undefined) !== (on === undefined)) throw new Complaint(400, '"fault" and "on" belong together.');
  if (fault !== undefined && on !== undefined) {
    if (!isAccountFault(fault)) {
      throw new Complaint(
        400,
        `"${fault}" is not an account fault. The faults are: ${Object.keys(ACCOUNT_FAULTS).join(', ')}.`,
      );
    }
    fleet.setAccountFault(name, fault, on);
  }
  if (streamCap !== undefined) account.streamCap = streamCap;
  if (tokenLifeSeconds !== undefined) account.tokenLifeSeconds = tokenLifeSeconds;
  Object.assign(account.rateLimit, rateLimit);
}

function changeMedia({ media }: Fleet, change: z.infer<typeof MediaChange>): object {
  if (change.cutAtExpiry !== undefined) media.cutAtExpiry = change.cutAtExpiry;
  if (change.sessionLimitMs !== undefined) media.sessionLimitMs = change.sessionLimitMs;
  return media;
}

/** Refuses requests of web pages of other sites, which must not switch faults in a simulator on their visitor's machine. */
function refuseForeign({ method, headers }: HttpRequest): void {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (host !== '127.0.0.1' && host !== 'localhost') throw new Complaint(403, 'Call this API as 127.0.0.1.');
  if (method === 'POST' && headers['content-type']?.startsWith('application/json') !== true) {
    throw new Complaint(415, 'Send JSON, with the header Content-Type: application/json.');
  }
}

function read<T>(schema: z.ZodType<T>, { body }: HttpRequest): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Complaint(400, 'The body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new Complaint(400, `${mistakes.join('; ')}.`);
}

function unknownRoute(): Complaint {
  return new Complaint(404, 'There is no such address here; GET /control lists them.');
}

function reply(status: number, body: object): HttpReply {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body, null, 2)}\n` };
}
