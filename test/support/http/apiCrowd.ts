import { setMaxListeners } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { readEvents } from './crowdEvents.js';

/** The result of many clients that write to and read from one installation at once. */
export interface CrowdReport {
  readonly writes: number;
  readonly reads: number;
  readonly events: number;
  /** The number of replies by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Replies with a status of 500 or more, and requests without a reply. */
  readonly broken: readonly string[];
  /** The last acknowledged value of each camera's fields. */
  readonly last: readonly LastWrite[];
  /** Cameras whose removal was acknowledged. */
  readonly removed: readonly string[];
}

export interface LastWrite {
  readonly cameraId: string;
  readonly field: string;
  readonly value: unknown;
}

export interface CrowdOptions {
  readonly port: number;
  readonly writers: number;
  readonly readers: number;
  readonly ms: number;
}

/** Each field has one writer for each shared camera; no writer may undo what another one wrote. */
const FIELDS: ReadonlyArray<{ readonly name: string; readonly valueOf: (writer: number, turn: number) => unknown }> = [
  { name: 'name', valueOf: (writer, turn) => `Written by ${writer}, turn ${turn}` },
  { name: 'labels', valueOf: (writer, turn) => [`w${writer}`, `t${turn}`] },
  { name: 'hikvisionResourceId', valueOf: (writer, turn) => `res-${writer}-${turn}` },
  { name: 'errorClipCheck', valueOf: (_writer, turn) => turn % 2 === 0 },
  { name: 'hikvisionEnabled', valueOf: (_writer, turn) => turn % 2 === 0 },
];
/** Writers that also add and remove cameras of their own. */
const OWN_EVERY = 4;
/** Readers that follow the stream of events; camlease serves 100 at once at most. */
const FOLLOWERS = 20;
/** Pause after a 429. An address may make 300 changes a minute, so each writer has its own address, and waits when camlease asks for it. */
const PAUSE_MS = 1_000;

interface Reply {
  readonly status: number;
  readonly json: unknown;
}

export async function runCrowd({ port, writers, readers, ms }: CrowdOptions): Promise<CrowdReport> {
  const statuses: Record<string, number> = {};
  const broken: string[] = [];
  const tally = { writes: 0, reads: 0, events: 0 };
  const last = new Map<string, LastWrite>();
  const removed = new Set<string>();

  const ask = async (agent: Agent, method: string, target: string, body?: object): Promise<Reply> => {
    const reply = await send(agent, port, method, target, body).catch((thrown: unknown) => {
      broken.push(`${method} ${target}: ${String(thrown)}`);
      return null;
    });
    const status = reply?.status ?? 0;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (reply && status >= 500) broken.push(`${method} ${target}: ${status} ${JSON.stringify(reply.json)}`);
    if (status === 429) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return reply ?? { status, json: null };
  };
  const create = async (agent: Agent, serial: string): Promise<string | null> => {
    const reply = await ask(agent, 'POST', '/api/camera', { name: serial, hikvisionDeviceSerial: serial });
    tally.writes += 1;
    return reply.status === 201 ? cameraIn(reply.json).id : null;
  };

  // Started before any write: on a busy machine the events of the cameras may be over soon after the cameras were added.
  const over = new AbortController();
  setMaxListeners(FOLLOWERS, over.signal);
  const followers = Array.from({ length: Math.min(FOLLOWERS, readers) }, async () => {
    tally.events += await readEvents(port, over.signal).catch((thrown: unknown) => {
      broken.push(`GET /api/events: ${String(thrown)}`);
      return 0;
    });
  });
  const first = new Agent({ keepAlive: true });
  const shared: string[] = [];
  for (let at = 0; at < Math.ceil(writers / FIELDS.length); at++) {
    const id = await create(first, `SHARED${at}`);
    if (id === null) throw new Error('the crowd could not add its cameras');
    shared.push(id);
  }
  // The time counts from now on, since adding the cameras takes long on a busy machine.
  const endMs = performance.now() + ms;
  const isOver = (): boolean => performance.now() >= endMs;

  const write = async (writer: number): Promise<void> => {
    const agent = new Agent({
      keepAlive: true,
      localAddress: `127.0.${1 + Math.floor(writer / 200)}.${1 + (writer % 200)}`,
    });
    const field = FIELDS[writer % FIELDS.length];
    const cameraId = shared[Math.floor(writer / FIELDS.length)];
    if (!field || cameraId === undefined) return;
    let own: string | null = null;
    for (let turn = 1; !isOver(); turn++) {
      const value = field.valueOf(writer, turn);
      const reply = await ask(agent, 'PUT', `/api/camera/${cameraId}`, { [field.name]: value });
      tally.writes += 1;
      if (reply.status === 200) last.set(`${cameraId} ${field.name}`, { cameraId, field: field.name, value });
      if (writer % OWN_EVERY !== 0) continue;
      if (own === null) own = await create(agent, `OWN${writer}T${turn}`);
      else if (turn % 3 === 0) {
        if ((await ask(agent, 'DELETE', `/api/camera/${own}`)).status === 200) {
          last.delete(`${own} name`);
          removed.add(own);
          own = null;
        }
      } else {
        const name = `Own of ${writer}, turn ${turn}`;
        const changed = await ask(agent, 'PUT', `/api/camera/${own}`, { name });
        if (changed.status === 200) last.set(`${own} name`, { cameraId: own, field: 'name', value: name });
      }
    }
    agent.destroy();
  };

  const read = async (reader: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true });
    for (let turn = reader; !isOver(); turn++) {
      const cameraId = shared[turn % shared.length] ?? '';
      const targets = ['/api/camera?limit=100', `/api/camera/${cameraId}/live`, `/api/camera/${cameraId}`, '/health'];
      await ask(agent, 'GET', targets[turn % targets.length] ?? '/health');
      tally.reads += 1;
    }
    agent.destroy();
  };
  await Promise.all([
    ...Array.from({ length: writers }, (_, writer) => write(writer)),
    ...Array.from({ length: Math.max(0, readers - FOLLOWERS) }, (_, reader) => read(reader)),
  ]);
  over.abort();
  await Promise.all(followers);
  first.destroy();
  return { ...tally, statuses, broken, last: [...last.values()], removed: [...removed] };
}

const PAGE = 1_000;

/** Where the installation's cameras differ now from what it has acknowledged. */
export async function lostIn(
  { last, removed }: Pick<CrowdReport, 'last' | 'removed'>,
  port: number,
): Promise<string[]> {
  const cameras = new Map((await allCameras(port)).map((camera) => [camera.id, camera]));
  const lost = last.filter(({ cameraId, field, value }) => {
    return JSON.stringify(cameras.get(cameraId)?.[field]) !== JSON.stringify(value);
  });
  const told = lost.map(({ cameraId, field, value }) => {
    return `${cameraId}.${field} is ${JSON.stringify(cameras.get(cameraId)?.[field])}, not ${JSON.stringify(value)}`;
  });
  return [...told, ...removed.filter((id) => cameras.has(id)).map((id) => `${id} is there again`)];
}

async function allCameras(port: number): Promise<CameraFields[]> {
  const agent = new Agent({ keepAlive: true });
  const cameras: CameraFields[] = [];
  for (let page: CameraFields[] | null = null; page === null || page.length === PAGE;) {
    const { json } = await send(agent, port, 'GET', `/api/camera?limit=${PAGE}&offset=${cameras.length}`);
    page = camerasIn(json);
    cameras.push(...page);
  }
  agent.destroy();
  return cameras;
}

type CameraFields = Readonly<Record<string, unknown>> & { readonly id: string };

function cameraIn(json: unknown): CameraFields {
  return (json as { camera: CameraFields }).camera;
}

function camerasIn(json: unknown): CameraFields[] {
  return (json as { cameras: CameraFields[] }).cameras;
}

function send(agent: Agent, port: number, method: string, target: string, body?: object): Promise<Reply> {
  const text = body === undefined ? null : JSON.stringify(body);
  const headers =
    text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path: target, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, json: parsed(whole) });
      });
    });
    sent.on('error', reject);
    sent.end(text ?? undefined);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
