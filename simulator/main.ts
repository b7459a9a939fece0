import { systemClock } from '../src/systemClock.js';
import { messageOf } from '../src/core/errors.js';
import { HELP, readArguments, type SimulatorArguments } from './arguments.js';
import { envLines } from './envLines.js';
import { makeFleet, startSimulator, type Simulator, type SimulatorPorts } from './index.js';

async function main(): Promise<void> {
  const read = readArguments(process.argv.slice(2));
  if (read.kind === 'help') {
    console.log(HELP);
    return;
  }
  if (read.kind === 'mistake') {
    console.error(`${read.message}\nnpm run simulator -- --help lists the options.`);
    process.exitCode = 2;
    return;
  }
  const simulator = await start(read.options);
  console.log(envLines(simulator, read.options.lifetimeSeconds).join('\n'));
  const stop = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    console.log('\nStopping.');
    simulator.stop().catch(fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function start(options: SimulatorArguments): Promise<Simulator> {
  const { cameras, vendor, seed, keyFrameSeconds, sound, bFrames } = options;
  const fleet = makeFleet({ cameras, vendor, seed, keyFrameSeconds, sound, bFrames });
  fleet.media.cutAtExpiry = options.cutAtExpiry;
  for (const account of fleet.accounts) {
    account.tokenLifeSeconds = options.tokenLifeSeconds;
    account.defaultLifetimeSeconds = options.lifetimeSeconds ?? account.defaultLifetimeSeconds;
    account.streamCap = options.streamCap;
  }
  return startSimulator({
    fleet,
    clock: systemClock,
    control: true,
    ports: portsFrom(options.port),
    origin: { onProblem: (sentence) => console.error(sentence) },
  });
}

/** Consecutive ports, so that one number fixes all addresses; 0: any free ports. */
function portsFrom(first: number): SimulatorPorts {
  if (first === 0) return {};
  return {
    control: first,
    hikConnectLogin: first + 1,
    hikConnectArea: first + 2,
    ezvizLogin: first + 3,
    ezvizArea: first + 4,
    rtmp: first + 5,
  };
}

function fail(thrown: unknown): void {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}

main().catch(fail);
