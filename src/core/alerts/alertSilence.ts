import { accountOf } from '../camera/cameraSource.js';
import type { Camera, CameraId } from '../camera/camera.js';
import type { AlertFacts, OpenAlert } from './alert.js';
import { Maintenance } from './maintenance.js';

/** The alerts about which nothing is sent now: those in maintenance, and those that a larger alert covers. */
export class Silence {
  readonly #maintenance: Maintenance;
  readonly #cameras: ReadonlyMap<CameraId, Camera>;
  readonly #covering: readonly OpenAlert[];

  constructor(facts: AlertFacts, alerts: readonly OpenAlert[], now: Date) {
    this.#maintenance = new Maintenance(facts.windows, now);
    this.#cameras = new Map(facts.cameras.map((camera) => [camera.id, camera]));
    this.#covering = alerts.filter(({ rule, openedAt }) => openedAt !== null && COVERS.has(rule));
  }

  /** True when every camera of the alert is in a maintenance window, or its account or label itself is. */
  isMaintained({ subject, cameraIds }: OpenAlert): boolean {
    if (this.#maintenance.ofEverything) return true;
    if (subject.kind === 'account' && this.#maintenance.ofAccount(subject.id)) return true;
    if (subject.kind === 'label' && this.#maintenance.ofLabel(subject.id)) return true;
    if (cameraIds.length === 0) return false;
    return cameraIds.every((id) => {
      const camera = this.#cameras.get(id);
      return camera !== undefined && this.#maintenance.ofCamera(camera);
    });
  }

  /** True when a larger alert that is open says the same. */
  isCovered(alert: OpenAlert): boolean {
    return this.#covering.some((other) => other.id !== alert.id && this.#covers(other, alert));
  }

  isGone({ subject }: OpenAlert): boolean {
    if (subject.kind !== 'camera') return false;
    const camera = this.#cameras.get(subject.id);
    return camera === undefined || !camera.enabled || camera.status === 'disabled';
  }

  #covers(large: OpenAlert, small: OpenAlert): boolean {
    if (large.rule === 'account-refused') {
      const camera = this.#cameras.get(small.subject.id);
      if (!camera || accountOf(camera) !== large.subject.id) return false;
      // A camera that is dark because its cloud could not be reached is dark by the account's fault.
      return small.rule === 'renewal-failing' || (small.rule === 'camera-dark' && isLostOnTheWay(camera));
    }
    if (small.rule !== 'camera-dark' && small.rule !== 'group-dark') return false;
    const inLarge = new Set(large.cameraIds);
    if (!small.cameraIds.every((id) => inLarge.has(id))) return false;
    if (small.rule === 'camera-dark' || large.cameraIds.length > small.cameraIds.length) return true;
    // Of two groups with the same dark cameras, the smaller is more precise, and a label is more precise than an account.
    return placeOf(large) < placeOf(small);
  }
}

function isLostOnTheWay({ failure }: Camera): boolean {
  return failure !== null && failure.code.startsWith('CLOUD_');
}

const COVERS: ReadonlySet<string> = new Set(['group-dark', 'account-refused', 'stream-refused']);

/** A sort key for groups: the more precise one comes first. */
function placeOf({ groupSize = 0, subject }: OpenAlert): string {
  return `${String(groupSize).padStart(9, '0')} ${subject.kind === 'label' ? 0 : 1} ${subject.id}`;
}
