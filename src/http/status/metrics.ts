import { CAMERA_MODES } from '../../core/camera/camera.js';
import { cameraHealth } from '../../core/health/health.js';
import { renewalStory } from '../../core/health/renewalStory.js';
import { RENEWAL_URGENCIES, renewalUrgency } from '../../core/renewal/renewal.js';
import { forecastMetrics } from './forecast.js';
import type { HttpDeps } from '../route/deps.js';
import type { EventFeed } from '../events/eventFeed.js';
import { endpoint, type Handler } from '../route/route.js';
import type { Sample } from './sample.js';
import type { Seen } from '../cameras/seenStreams.js';
import { answersText } from '../route/contract.js';

interface Deps extends Pick<HttpDeps, 'cameras' | 'engine' | 'accounts' | 'jobs' | 'clock' | 'version'> {
  readonly seen: () => Promise<Seen>;
  readonly feed: Pick<EventFeed, 'counts' | 'openStreams'>;
}

export const metrics = endpoint(
  {
    summary: 'Get figures for Prometheus',
    replies: { 200: answersText('text/plain', "The figures in Prometheus' text format 0.0.4.") },
  },
  metricsHandler,
);

/** The Prometheus text format. Names no camera: ten thousand label values would burden the Prometheus server. */
function metricsHandler(deps: Deps): Handler {
  return async (_request, response) => {
    const seen = await deps.seen();
    const now = deps.clock.now();
    const refusedWrites = deps.cameras.refusedWrites();
    const byHealth = new Map<string, number>();
    const byMode = new Map<string, number>(CAMERA_MODES.map((mode) => [mode, 0]));
    const byCarrier = new Map<string, number>([
      ['forward', 0],
      ['relay', 0],
      // What carried seamless cameras before there was a relay; dashboards may still sum over it.
      ['splice', 0],
    ]);
    const byUrgency = new Map<string, number>(RENEWAL_URGENCIES.map((urgency) => [urgency, 0]));
    const leases = { alive: 0, candidates: 0, earliestMs: Infinity };
    for (const camera of deps.cameras.peekAll()) {
      const stream = seen(camera);
      const renewal = renewalStory(camera, deps.jobs.handoverOf(camera.id), now);
      const { state } = cameraHealth(camera, stream, now, renewal, null, refusedWrites.get(camera.id));
      byMode.set(camera.mode, (byMode.get(camera.mode) ?? 0) + 1);
      if (stream?.carrier) byCarrier.set(stream.carrier, (byCarrier.get(stream.carrier) ?? 0) + 1);
      const urgency = renewalUrgency(camera, now);
      byUrgency.set(urgency, (byUrgency.get(urgency) ?? 0) + 1);
      byHealth.set(state, (byHealth.get(state) ?? 0) + 1);
      if (camera.candidate !== null) leases.candidates += 1;
      if (camera.lease !== null && camera.lease.expiresAt > now) {
        leases.alive += 1;
        leases.earliestMs = Math.min(leases.earliestMs, camera.lease.expiresAt.getTime() - now.getTime());
      }
    }
    const { running, ended } = deps.jobs.status();
    const accounts = deps.accounts.list();
    const engine = deps.engine.status();
    const families = [
      gauge('camlease_info', 'The running version.', [{ labels: { version: deps.version }, value: 1 }]),
      gauge(
        'camlease_cameras',
        'Cameras by health.',
        [...byHealth].map(([health, value]) => ({ labels: { health }, value })),
      ),
      gauge(
        'camlease_cameras_by_mode',
        'Cameras by mode.',
        [...byMode].map(([mode, value]) => ({ labels: { mode }, value })),
      ),
      gauge(
        'camlease_cameras_by_carrier',
        'Cameras that the media server does not pull itself, by what carries them now; a seamless camera counts as forward while the relay is away.',
        [...byCarrier].map(([carrier, value]) => ({ labels: { carrier }, value })),
      ),
      counter(
        'camlease_lease_steps_total',
        'Steps of leases.',
        deps.feed.counts.steps().map(({ step, count }) => ({ labels: { step }, value: count })),
      ),
      counter('camlease_rebuilds_total', 'Handovers that dropped viewers because the new lease brought other tracks.', [
        { value: deps.feed.counts.rebuilds() },
      ]),
      gauge('camlease_event_streams', 'Open event streams.', [{ value: deps.feed.openStreams() }]),
      gauge('camlease_leases', 'Leases that have not expired.', [{ value: leases.alive }]),
      gauge('camlease_lease_candidates', 'New leases that wait for proof or promotion.', [
        { value: leases.candidates },
      ]),
      gauge(
        'camlease_lease_next_expiry_seconds',
        'Time until the first valid lease expires.',
        leases.alive === 0 ? [] : [{ value: leases.earliestMs / 1000 }],
      ),
      gauge(
        'camlease_passes_running',
        'Passes that run now.',
        running.map(({ job }) => ({ labels: { job }, value: 1 })),
      ),
      counter(
        'camlease_passes_total',
        'Passes that ended.',
        ended.map(({ job, state, count }) => ({ labels: { job, state }, value: count })),
      ),
      gauge(
        'camlease_cloud_queue',
        'Cloud calls that wait.',
        accounts.flatMap(({ name, queued }) =>
          Object.entries(queued).map(([priority, value]) => ({ labels: { account: name, priority }, value })),
        ),
      ),
      gauge(
        'camlease_account_refused',
        '1 while the cloud refuses the account, else 0.',
        accounts.map(({ name, refused }) => ({ labels: { account: name }, value: refused === null ? 0 : 1 })),
      ),
      gauge(
        'camlease_cameras_by_urgency',
        'Cameras by how much their renewal needs attention.',
        [...byUrgency].map(([urgency, value]) => ({ labels: { urgency }, value })),
      ),
      ...forecastMetrics(deps.jobs.forecast()).map(({ name, help, samples }) => gauge(name, help, samples)),
      gauge('camlease_cameras_refused', 'Cameras that the media server refuses to serve.', [
        { value: deps.jobs.engineState().refused.size },
      ]),
      gauge('camlease_engine_ready', '1 while the media server works, else 0.', [
        { labels: { engine: engine.kind }, value: engine.ready ? 1 : 0 },
      ]),
      gauge('process_resident_memory_bytes', 'Memory of this process.', [{ value: process.memoryUsage.rss() }]),
    ];
    response.set('Cache-Control', 'no-store').type('text/plain; version=0.0.4; charset=utf-8').send(families.join(''));
  };
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return family('gauge', name, help, samples);
}

function counter(name: string, help: string, samples: readonly Sample[]): string {
  return family('counter', name, help, samples);
}

function family(type: string, name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
