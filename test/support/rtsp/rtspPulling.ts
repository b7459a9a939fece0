import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/core/clock.js';
import type { RelayUnit } from '../../../src/relay/units/relayUnit.js';
import { rtspAddress } from '../../../src/relay/rtspClient/rtspAddress.js';
import type { RtspEnd } from '../../../src/relay/rtspClient/rtspEnd.js';
import type { RtspDial } from '../../../src/relay/rtspClient/rtspConnection.js';
import { RtspPull } from '../../../src/relay/rtspClient/rtspPull.js';
import { dial } from '../../../src/relay/worker/dial.js';
import { openUdp } from '../../../src/relay/worker/udpPorts.js';
import { systemClock } from '../../../src/systemClock.js';
import { Happenings } from '../happenings.js';
import { oddCamera, type OddCamera, type OddCameraOptions } from './oddCamera.js';

export interface Pulled {
  readonly pull: RtspPull;
  readonly units: readonly RelayUnit[];
  /** As short texts: `key 6588aa`, `picture 419abb`, `sound d5`, `left out sound GSM`. */
  readonly told: readonly string[];
  readonly ended: Promise<RtspEnd>;
  readonly end: () => RtspEnd | null;
  until(isSo: () => boolean): Promise<void>;
}

export interface PulledCamera extends Pulled {
  readonly camera: OddCamera;
}

export interface PullingOptions extends OddCameraOptions {
  /** In the address in front of the host, such as `admin:secret@`. */
  readonly login?: string;
  readonly path?: string;
  readonly scheme?: 'rtsp' | 'rtsps';
  readonly clock?: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly dialBy?: RtspDial;
}

/** Pulls an odd camera; camera and pull end with the test. */
export async function pullOdd(options: PullingOptions = {}): Promise<PulledCamera> {
  const camera = await oddCamera(options);
  onTestFinished(() => camera.stop());
  return { ...pullFrom(camera, options), camera };
}

/** Pulls whatever listens on a port. */
export function pullFrom(camera: Pick<OddCamera, 'port'>, options: PullingOptions = {}): Pulled {
  const {
    login = '',
    path = '/live',
    scheme = 'rtsp',
    clock = systemClock,
    host = '127.0.0.1',
    dialBy = dial,
  } = options;
  const named = host.includes(':') ? `[${host}]` : host;
  const address = rtspAddress(`${scheme}://${login}${named}:${camera.port}${path}`);
  if (address === null) throw new Error('no address');
  const units: RelayUnit[] = [];
  const told: string[] = [];
  const happenings = new Happenings();
  let end: RtspEnd | null = null;
  let tellEnd: (end: RtspEnd) => void = () => undefined;
  const ended = new Promise<RtspEnd>((resolve) => (tellEnd = resolve));
  const pull = new RtspPull({
    ...{ address, dial: dialBy, openUdp, clock, random: Math.random },
    onUnit: (unit) => {
      units.push(unit);
      told.push(short(unit));
      happenings.tell();
    },
    onEnd: (one) => {
      end = one;
      tellEnd(one);
      happenings.tell();
    },
  });
  onTestFinished(() => pull.stop());
  return { ...{ pull, units, told, ended }, end: () => end, until: (isSo) => happenings.until(isSo) };
}

function short(unit: RelayUnit): string {
  switch (unit.kind) {
    case 'picture':
      return `${unit.isKey ? 'key' : 'picture'} ${unit.units.map((one) => one.toString('hex')).join(',')}`;
    case 'picture-setup':
      return unit.setup.codec;
    case 'sound-setup':
      return unit.setup.codec;
    case 'sound':
      return `sound ${unit.data.toString('hex')}`;
    case 'left-out':
      return `left out ${unit.track} ${unit.codec}`;
  }
}

/** Resolves when the first key frame and `pictures` pictures in all have come; rejects when the pull ends before. */
export async function plays(pulled: Pulled, pictures = 2): Promise<void> {
  const { told, end } = pulled;
  const count = (): number => told.filter((one) => /^(?:key|picture) /.test(one)).length;
  await pulled.until(() => count() >= pictures || end() !== null);
  const over = end();
  if (over !== null) throw new Error(`the pull ended: ${JSON.stringify(over)}`);
}
