import { describe, expect, inject, it } from 'vitest';
import { messageOf } from '../../src/core/errors.js';
import { mediaMtx } from '../support/installation/appRig.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { startSharedRelayRig, type RelayedReplica, type SharedRelayRig } from '../support/relay/sharedRelayRig.js';
import type { Telling } from '../support/relay/relayDoor.js';
import { until } from '../support/replicas/replicaProcess.js';
import { listenForStep } from '../support/http/stepListener.js';
import type { StreamWatch } from '../support/viewers/streamWatch.js';
import type { WatchedPacket } from '../support/viewers/packetWatch.js';

/**
 * The steps of a renewal through the relay. `obtained`: the candidate is stored, and the relay has not heard of it. `candidate told`: the
 * relay knows it, and the cloud lets no second stream through. `promoted`: in the store, and the relay has not heard of it. `told`:
 * the relay has it, and its teller has no answer. `gone over`: its pictures go out.
 */
const STEPS = ['obtained', 'candidate told', 'proven', 'promoted', 'told', 'gone over'] as const;
type Step = (typeof STEPS)[number];

/** A takeover takes less than 20 s, and another proof may follow it. */
const TAKEOVER_MS = 60_000;
const LIMIT_MS = 30_000;
const SOME_PACKETS = 60;
/** A source beside the one in force takes over at its next key frame. */
const MOST_SILENCE_MS = 5_000;

const mongo = mediaMtx === null ? null : inject('mongodbUri');
const canRun = mongo !== null && nodeAvFor('replicas with one relay, killed');

interface Part {
  readonly name: string;
  readonly walk: (walk: Walk) => Promise<void>;
}

const PARTS: readonly Part[] = [
  {
    name: 'the owner, in the first steps',
    walk: async (walk) => {
      for (const step of STEPS.slice(0, 3)) await walk.ownerDiesAt(step);
    },
  },
  {
    name: 'the owner, in the last steps, and the other one',
    walk: async (walk) => {
      await walk.bystanderDies();
      for (const step of STEPS.slice(3)) await walk.ownerDiesAt(step);
    },
  },
  {
    name: 'the owner, who was only paused, and the relay while nobody owns it',
    walk: async (walk) => {
      await walk.ownerIsPaused();
      await walk.relayDiesToo('worker');
      await walk.relayDiesToo('parent');
    },
  },
];

describe.skipIf(!canRun)('kill -9 of one of two replicas with one relay', () => {
  // Side by side: most of it is waiting for a takeover.
  it.concurrent.for(PARTS)(
    'of $name: no reader is dropped, the fence goes up, and the camera is renewed',
    { timeout: 300_000 },
    async ({ walk }, { onTestFinished }) => {
      const rig = await startSharedRelayRig(mongo ?? '');
      onTestFinished(() => rig.stop());
      const steps = new Walk(rig);
      try {
        await steps.begin();
        await walk(steps);
      } catch (thrown) {
        throw new Error(`${steps.doing}: ${messageOf(thrown)}\n${rig.story()}`, { cause: thrown });
      }
    },
  );

  it.concurrent(
    'a replica with a wrong secret, a wrong address or another relay says so in words',
    { timeout: 300_000 },
    async ({ onTestFinished }) => {
      const rig = await startSharedRelayRig(mongo ?? '');
      onTestFinished(() => rig.stop());
      const said = async (settings: Readonly<Record<string, string>>, words: RegExp): Promise<void> => {
        const replica = await rig.another(settings);
        let problem: string | null = null;
        const isSaid = async (): Promise<boolean> => words.test((problem = await rig.engineProblem(replica)) ?? '');
        await until(words.source, LIMIT_MS, isSaid).catch((thrown: unknown) => {
          throw new Error(`${messageOf(thrown)}; it says: ${problem}`, { cause: thrown });
        });
        await replica.end('SIGTERM');
      };
      await said(
        { RELAY_SECRET: 'some-other-secret-of-length' },
        /refuses requests without its secret.*if this replica took over.*same RELAY_SECRET/,
      );
      await said(
        { RELAY_URL: rig.simulator.loginUrl('hikconnect', 'isgp') },
        /The program that answers there is not a relay.*RELAY_URL/,
      );
      await said({ RELAY_URL: await rig.anotherRelay() }, /another relay.*same RELAY_URL/);
      expect(await rig.engineProblem(rig.replicas[0].process)).toBeNull();
    },
  );
});

class Walk {
  readonly #rig: SharedRelayRig;
  doing = 'before anything was killed';
  #owner: RelayedReplica;
  #other: RelayedReplica;
  #watch: StreamWatch<WatchedPacket> | null = null;

  constructor(rig: SharedRelayRig) {
    this.#rig = rig;
    [this.#owner, this.#other] = rig.replicas;
  }

  async begin(): Promise<void> {
    this.#watch = await this.#rig.watch();
    await this.#inForce(1);
  }

  async ownerDiesAt(step: Step): Promise<void> {
    this.doing = `the owner is killed when the camera's renewal is at '${step}'`;
    const revision = await this.#next();
    const { letGo } = await this.#standAt(step, revision);
    const fence = await this.#fence();
    await this.#owner.process.end('SIGKILL');
    // What a dead owner had on its way to the relay comes late.
    if (step !== 'promoted') letGo();
    await this.#takenOver(fence);
    letGo();
    await this.#inForce(revision);
    const late = this.#owner.door.tellings.filter(({ answer }) => answer === 'RELAY_FENCED');
    if (step === 'promoted') expect(late).toHaveLength(1);
    await this.#changePlaces();
  }

  async bystanderDies(): Promise<void> {
    this.doing = 'the other one is killed in the middle of a renewal';
    const revision = await this.#next();
    const fence = await this.#fence();
    const { letGo } = await this.#standAt('told', revision);
    await this.#other.process.end('SIGKILL');
    letGo();
    await this.#inForce(revision, this.#owner);
    expect(await this.#fence()).toBe(fence);
    await this.#other.process.start();
  }

  /** It sleeps with the promotion on its way to the relay, and wakes when another one has been the owner for long. */
  async ownerIsPaused(): Promise<void> {
    this.doing = 'the owner is paused, and goes on after a takeover';
    const revision = await this.#next();
    const { letGo, held } = await this.#standAt('promoted', revision);
    const fence = await this.#fence();
    this.#owner.process.signal('SIGSTOP');
    await this.#takenOver(fence);
    await this.#inForce(revision);
    const now = await this.#fence();
    letGo();
    await this.#owner.door.until(() => held?.answer !== null);
    expect(held?.answer).toBe('RELAY_FENCED');
    this.#owner.process.signal('SIGCONT');
    this.#rig.renew(this.#other);
    await this.#inForce(revision + 1);
    expect(await this.#fence()).toBe(now);
    const isTaken = ({ fence: of, answer }: Telling): boolean => answer === 'taken' && of !== null && of <= fence;
    const last = this.#owner.door.tellings.findIndex((telling) => telling === held);
    expect(this.#owner.door.tellings.slice(last).filter(isTaken)).toEqual([]);
    await until('the same answer of both', LIMIT_MS, async () => {
      const { lease, stream } = await this.#rig.camera(this.#owner);
      return lease?.revision === revision + 1 && stream?.flow === 'flowing' && stream.carrier === 'relay';
    });
    [this.#owner, this.#other] = [this.#other, this.#owner];
  }

  /** The relay's parent or the reader's worker dies while no replica owns MediaMTX. */
  async relayDiesToo(victim: 'parent' | 'worker'): Promise<void> {
    this.doing = `the owner is killed, and the relay's ${victim} while nobody has taken over`;
    const { relay } = this.#rig;
    const revision = await this.#next();
    const fence = await this.#fence();
    await this.#owner.process.end('SIGKILL');
    await relay.kill(victim);
    if (victim === 'parent') await relay.start();
    else {
      await this.#watch?.goesOnUntil(() => false);
      this.#watch = await this.#rig.watch();
    }
    await this.#goesOn();
    expect(await this.#fence()).toBe(fence);
    await this.#takenOver(fence);
    this.#rig.renew(this.#other);
    await this.#inForce(revision);
    await this.#changePlaces();
  }

  /** Renews the camera at its owner; resolves when it is at this step. `letGo` takes away what holds it there. */
  async #standAt(step: Step, revision: number): Promise<{ readonly letGo: () => void; readonly held: Telling | null }> {
    const { door, process } = this.#owner;
    const { cameraId, simulator } = this.#rig;
    const isCandidate = ({ cameras }: Telling): boolean => cameras[cameraId]?.candidate?.revision === revision;
    const isTarget = ({ cameras }: Telling): boolean => cameras[cameraId]?.target?.revision === revision;
    const account = simulator.fleet.accounts[0];
    if (!account) throw new Error('the fleet has no account');
    if (step === 'obtained' || step === 'promoted' || step === 'told') {
      const hold = door.hold(step === 'told' ? 'behind' : 'before', step === 'obtained' ? isCandidate : isTarget);
      this.#rig.renew(this.#owner);
      return { letGo: () => hold.letGo(), held: await hold.reached };
    }
    // What plays now goes on, and no stream more.
    if (step === 'candidate told') account.streamCap = 1;
    const letGo = (): void => void (account.streamCap = null);
    const proven = step === 'proven' ? await listenForStep(process.url, cameraId, step) : null;
    this.#rig.renew(this.#owner);
    if (proven) await proven.told;
    else if (step === 'candidate told')
      await door.until(() => door.tellings.some((one) => isCandidate(one) && one.answer === 'taken'));
    else await this.#inForce(revision, this.#owner);
    return { letGo, held: null };
  }

  async #next(): Promise<number> {
    return ((await this.#rig.camera(this.#owner)).lease?.revision ?? 0) + 1;
  }

  /** The highest that the relay was told. */
  async #fence(): Promise<number> {
    return (await this.#rig.relay.status()).fence;
  }

  #takenOver(fence: number): Promise<void> {
    return until('a higher fence at the relay', TAKEOVER_MS, async () => (await this.#fence()) > fence);
  }

  /** The lease in force is this one or a later one, its pictures go out, and the reader has seen all of it. */
  async #inForce(revision: number, at = this.#other): Promise<void> {
    let seen = 'nothing';
    await until(`revision ${revision} in force`, TAKEOVER_MS, async () => {
      const camera = await this.#rig.camera(at);
      const { lease, candidate, stream, renewal } = camera;
      seen = JSON.stringify({ lease: lease?.revision, candidate: candidate?.revision, stream, renewal });
      const now = lease?.revision ?? 0;
      return now >= revision && candidate === null && stream?.revision === now && stream.flow === 'flowing';
    }).catch((thrown: unknown) => {
      throw new Error(`${messageOf(thrown)}; it is ${seen}`, { cause: thrown });
    });
    await this.#goesOn();
  }

  async #goesOn(): Promise<void> {
    const watch = this.#watch;
    if (!watch) throw new Error('nobody watches');
    const before = watch.items.length;
    await watch.goesOnUntil(() => watch.items.length > before + SOME_PACKETS);
    expect(watch.ended, 'the reader was dropped').toBe(false);
    const times = watch.items.map(({ atMs }) => atMs);
    const longestMs = Math.max(...times.map((ms, at) => ms - (times[at - 1] ?? ms)));
    expect(longestMs, 'the longest silence for the reader').toBeLessThan(MOST_SILENCE_MS);
  }

  /** Who died is back, and looks on. */
  async #changePlaces(): Promise<void> {
    [this.#owner, this.#other] = [this.#other, this.#owner];
    await this.#other.process.start();
  }
}
