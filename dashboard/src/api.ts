/** camlease's API, as far as the page needs it. */

export type HealthState = 'healthy' | 'idle' | 'failing' | 'dark' | 'unknown' | 'disabled';

export type CameraMode = 'on-demand' | 'direct' | 'always-on' | 'seamless';

export interface Camera {
  readonly id: string;
  readonly name: string;
  readonly account: string | null;
  readonly hikvisionDeviceSerial: string;
  readonly channel: number | null;
  readonly labels: readonly string[];
  readonly mode?: CameraMode;
  /** What viewers get after a minute without pictures; absent: an older camlease. */
  readonly whenGone?: 'slate' | 'end';
  readonly lease: { readonly revision: number; obtainedAt: string; expiresAt: string; renewAt: string } | null;
  readonly candidate: { readonly revision: number } | null;
  readonly health: {
    state: HealthState;
    reason: string;
    sentence: string;
    nextStep: string;
    nextStepAt: string | null;
  };
  /** The state of the next renewal; absent: an older camlease. */
  readonly renewal?: {
    readonly state: string;
    readonly sentence: string;
    readonly nextStep: string;
    readonly nextStepAt: string | null;
  };
  readonly failure: { readonly code: string; message: string; cure: string; nextLookAt: string | null } | null;
  readonly notice: string | null;
}

export interface CameraPage {
  readonly cameras: readonly Camera[];
  readonly total: number;
  readonly health: Readonly<Partial<Record<HealthState, number>>>;
  /** Counts of all cameras, independent of the search; absent: an older camlease. */
  readonly healthOfAll?: Readonly<Partial<Record<HealthState, number>>>;
  /** Stored documents that cannot be read as cameras, at most 1,000 of them; absent: an older camlease. */
  readonly leftOut?: readonly { readonly id: string }[];
}

export interface Account {
  readonly name: string;
  readonly failure: { readonly message: string; readonly cure: string } | null;
  /** Notes on oddities of the account's latest listing. */
  readonly notes: ReadonlyArray<{ readonly message: string; readonly cure: string }>;
}

/** The renewals that fall due, and those that come too late; see `GET /api/forecast`. */
export interface Forecast {
  readonly madeAt: string;
  readonly hours: readonly { readonly from: string; readonly leases: number }[];
  readonly days: readonly { readonly from: string; readonly leases: number }[];
  readonly backlog: number;
  readonly backlogDoneAt: string | null;
  readonly firstDarkAt: string | null;
  readonly tooLate: number;
  readonly quotaUsed: number | null;
}

export interface Ready {
  readonly parts: Readonly<Record<string, { readonly ready: boolean; readonly problem: string | null }>>;
  readonly running: readonly { readonly job: string; readonly pass: string }[];
}

export interface Pass {
  readonly id: string;
  readonly job: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly report: Readonly<Record<string, unknown>> | null;
  readonly error: { readonly message: string; readonly cure?: string } | null;
}

export interface AvailabilityOf {
  readonly observedMs: number;
  readonly observedPart: number;
  readonly percent: number | null;
}

export interface Availability {
  readonly day: AvailabilityOf;
  readonly week: AvailabilityOf;
  readonly month: AvailabilityOf;
}

export interface Outage {
  readonly beganAt: string;
  readonly endedAt: string | null;
  readonly reason: string;
  readonly message: string;
  readonly isOurs: boolean;
}

export interface Live {
  readonly hlsUrl: string;
  readonly webrtcUrl: string;
  readonly cameraInfo: { readonly name: string };
}

/** camlease answered with an error; its sentences can be shown to the user. */
export class ApiError extends Error {
  readonly code: string;
  readonly cure: string;

  constructor(code: string, message: string, cure: string) {
    super(message);
    this.code = code;
    this.cure = cure;
  }
}

const PATIENCE_MS = 15_000;
export const JSON_BODY = { 'content-type': 'application/json' };

export const listCameras = (query: URLSearchParams): Promise<CameraPage> => ask(`/api/camera?${query.toString()}`);
export const getCamera = async (id: string): Promise<Camera> =>
  (await ask<{ camera: Camera }>(`/api/camera/${encodeURIComponent(id)}`)).camera;
export const listAccounts = async (): Promise<readonly Account[]> =>
  (await ask<{ accounts: readonly Account[] }>('/api/account')).accounts;
export const getForecast = (): Promise<Forecast> => ask('/api/forecast');
export const getPass = async (id: string): Promise<Pass> =>
  (await ask<{ pass: Pass }>(`/api/pass/${encodeURIComponent(id)}`)).pass;
export const getLive = (id: string, signal: AbortSignal): Promise<Live> =>
  ask(`/api/camera/${encodeURIComponent(id)}/live`, { signal });
export const getAvailability = (query: string): Promise<Availability> => ask(`/api/availability?${query}`);
export const listOutages = async (query: string): Promise<readonly Outage[]> =>
  (await ask<{ outages: readonly Outage[] }>(`/api/outages?${query}`)).outages;
export const setMode = (id: string, mode: string): Promise<unknown> =>
  ask(`/api/camera/${encodeURIComponent(id)}`, { method: 'PUT', headers: JSON_BODY, body: JSON.stringify({ mode }) });

/** The readiness of each part. A 503 has the same shape, so it is not an error here. */
export async function getReady(): Promise<Ready> {
  const response = await fetch('/ready', { signal: AbortSignal.timeout(PATIENCE_MS) });
  return (await response.json()) as Ready;
}

/** Starts a pass, or joins the running one. Returns the pass's id at once. */
export async function startPass(
  path: '/api/hikvision/initialize' | '/api/hikvision/renew',
  body: object,
): Promise<string> {
  const headers = { ...JSON_BODY, prefer: 'respond-async' };
  return (await ask<{ pass: string }>(path, { method: 'POST', headers, body: JSON.stringify(body) })).pass;
}

export async function ask<Reply>(path: string, init: RequestInit = {}, patienceMs = PATIENCE_MS): Promise<Reply> {
  const patience = AbortSignal.timeout(patienceMs);
  const signal = init.signal ? AbortSignal.any([init.signal, patience]) : patience;
  const response = await fetch(path, { ...init, signal });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as Reply;
  throw errorOf(body, response.status);
}

function errorOf(body: unknown, status: number): ApiError {
  const { error } = (body ?? {}) as { error?: { code?: string; message?: string; cure?: string } };
  return new ApiError(
    error?.code ?? String(status),
    error?.message ?? `The service answered ${status}.`,
    error?.cure ?? '',
  );
}
