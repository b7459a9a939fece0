import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { expect, onTestFinished } from 'vitest';
import { freeTcpPort } from '../../../simulator/demo/freePorts.js';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin, StreamVerdict } from '../../../simulator/origin/types.js';
import type { RelayCamera } from '../../../src/core/streams/relay.js';
import { LocalHost } from '../../../src/relay/client/localHost.js';
import { RelayClient } from '../../../src/relay/client/relayClient.js';
import { relaySpawner } from '../../../src/relay/client/spawnRelay.js';
import { ControlClient } from '../../../src/relay/client/controlClient.js';
import { statusSchema, type RelayStatus } from '../../../src/relay/wire/wire.js';
import { systemClock } from '../../../src/systemClock.js';
import { until } from '../engine/mediamtx.js';
import { RtspReader } from './rtspReader.js';

const PLAYS: StreamVerdict = { play: 'camera', cameraName: 'Gate', clipKey: 'S1', sound: 'none' };

export interface RelayRigOptions {
  readonly dataDir?: string;
  readonly port?: number;
  readonly version?: string;
  readonly isAlone?: boolean;
  /** False: the relay goes on when the client stops. */
  readonly endsWithUs?: boolean;
  /** Part of the relay's environment (see `trustOf`). */
  readonly trust?: Readonly<Record<string, string>>;
  /** Networks that may be dialled for cameras by URL beside the usual ones. */
  readonly sourceNetworks?: string;
}

/** A relay in its own processes, started by the client that tells it cameras. All processes end with the test. */
export class RelayProcessRig {
  readonly dataDir: string;
  readonly port: number;
  readonly lines: string[] = [];
  readonly client: RelayClient;
  readonly host: LocalHost;
  /** The value of `problem` at each change. */
  readonly changes: (string | null)[] = [];

  private constructor(dataDir: string, port: number, options: RelayRigOptions) {
    const { version = OUR_VERSION, isAlone = true, endsWithUs = true, trust = {}, sourceNetworks = '' } = options;
    this.dataDir = dataDir;
    this.port = port;
    const clock = systemClock;
    this.host = new LocalHost({
      ...{ dataDir, port, version, sourceNetworks, clock },
      spawn: relaySpawner(process.execPath, trust),
    });
    const note = (message: string): void => void this.lines.push(message);
    this.client = new RelayClient({
      ...{ host: this.host, clock, isAlone, endsWithUs, keepSecret: () => undefined },
      log: { info: note, warn: note },
    });
    this.client.onChange(() => this.changes.push(this.client.problem?.message ?? null));
  }

  static async start(options: RelayRigOptions = {}): Promise<RelayProcessRig> {
    const { dataDir = tempFolder(), port = await freeTcpPort() } = options;
    const rig = new RelayProcessRig(dataDir, port, options);
    onTestFinished(() => rig.stop());
    await rig.client.start();
    return rig;
  }

  /** The relay's processes: the parent, and the workers that it knows. */
  async pids(): Promise<{ parent: number; workers: number[] }> {
    const { pid, workers } = await this.status();
    return { parent: pid, workers: workers.map((worker) => worker.pid) };
  }

  async status(): Promise<RelayStatus> {
    return this.ask('GET', '/status', statusSchema);
  }

  async ask<T>(
    method: 'GET' | 'POST' | 'PUT',
    target: string,
    schema: Parameters<ControlClient['ask']>[0]['schema'],
    body?: object,
  ): Promise<T> {
    const address = this.host.find();
    if (address === null) throw new Error('the relay does not run');
    const control = new ControlClient(address, systemClock);
    try {
      const asked = { method, path: target, schema, limitMs: 5_000, ...(body && { body }) };
      return (await control.ask(asked)) as T;
    } finally {
      control.close();
    }
  }

  /** Starts a reader of a camera; resolves when its first packet has come. */
  async read(cameraId: string): Promise<RtspReader> {
    const reader = await this.play(cameraId);
    if (reader === null) throw new Error(`${cameraId} is not served`);
    return reader;
  }

  /** Like `read`; null: the relay does not serve the camera. */
  async play(cameraId: string): Promise<RtspReader | null> {
    const source = new URL(this.client.sourceFor(cameraId) ?? '');
    return playFrom(source);
  }

  log(): string {
    return readFileSync(path.join(this.dataDir, 'relay.log'), 'utf8');
  }

  async stop(): Promise<void> {
    await this.client.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

export async function playFrom(source: URL): Promise<RtspReader | null> {
  const reader = new RtspReader(Number(source.port));
  onTestFinished(() => void reader.socket.destroy());
  const login = `Authorization: Basic ${Buffer.from(`${source.username}:${source.password}`).toString('base64')}`;
  const url = `rtsp://${source.host}${source.pathname}`;
  const described = await reader.ask('DESCRIBE', url, login);
  if (!described.startsWith('RTSP/1.0 200')) {
    reader.socket.destroy();
    return null;
  }
  await reader.ask('SETUP', `${url}/trackID=0`, login, 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
  await reader.ask('PLAY', url, login);
  await reader.until(() => reader.packets.length > 0 || reader.isClosed);
  return reader;
}

/** Resolves after so many more packets; rejects when the reader was dropped. */
export async function goesOn(reader: RtspReader, packets = 20): Promise<void> {
  const before = reader.packets.length;
  await reader.until(() => reader.isClosed || reader.packets.length > before + packets);
  if (reader.isClosed) throw new Error('the reader was dropped');
}

export async function startCloud(verdict: StreamVerdict = PLAYS): Promise<Origin> {
  const origin = await startOrigin({ clock: systemClock, lookup: () => verdict });
  onTestFinished(() => origin.stop());
  return origin;
}

/** A camera that is pulled from the simulated cloud. */
export function pulled(origin: Origin, revision = 1, more: Partial<RelayCamera> = {}): RelayCamera {
  const url = origin.rtmpUrl('v3/openlive', `S1_1_1?id=${revision}&expire=1767600000&t=a`);
  return {
    target: { url, givenBy: 'cloud', revision, endsAt: null, tracks: null },
    candidate: null,
    whenGone: 'slate',
    cap: null,
    ...more,
  };
}

export function isAlive(pid: number): boolean {
  checkPid(pid);
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export async function kill(pid: number): Promise<void> {
  checkPid(pid);
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
}

/** Throws for ids that stand for a group of processes (0 and below) and for 1. */
function checkPid(pid: number): void {
  if (!(pid > 1)) throw new Error(`${pid} is no process of ours`);
}

export function tempFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'camlease-relay-'));
}

/** The version in package.json. */
export const OUR_VERSION = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** The cameras that `startWatched` tells the relay of. */
export const CAMERAS = ['gate', 'yard', 'hall', 'door'];

/** A relay in its own processes that was told of `CAMERAS`, and the cloud that it pulls. */
export async function startWatched(): Promise<{ readonly rig: RelayProcessRig; readonly cloud: Origin }> {
  const cloud = await startCloud();
  const rig = await RelayProcessRig.start();
  expect(rig.client.problem).toBeNull();
  await rig.client.setCameras(new Map(CAMERAS.map((id) => [id, pulled(cloud)])), 0);
  return { rig, cloud };
}

/** Kills these processes at the end of the test, also when it fails half-way. */
export function endsWithTheTest(pids: readonly number[]): void {
  onTestFinished(async () => {
    for (const pid of pids.filter(isAlive)) await kill(pid);
  });
}
