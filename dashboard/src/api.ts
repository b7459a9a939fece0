import type { components, paths } from './apiTypes';

/** camlease's API, as far as the page needs it. The forms of replies and bodies come from the OpenAPI document. */

export type Schemas = components['schemas'];

/** The JSON that a route answers when all is well. */
export type Answer<
  Path extends keyof paths,
  Method extends keyof paths[Path] = 'get' & keyof paths[Path],
> = paths[Path][Method] extends {
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': infer Json } } };
}
  ? Json
  : never;

/** A part of a reply whose fields named here may be absent: while replicas are updated, one of an earlier version may answer. */
type SinceLately<Reply, Field extends keyof Reply> = Omit<Reply, Field> & Partial<Pick<Reply, Field>>;

export type HealthState = Schemas['HealthState'];
export type Camera = SinceLately<
  Schemas['Camera'],
  'mode' | 'whenGone' | 'renewal' | 'source' | 'feed' | 'image' | 'plays'
>;
export type CameraMode = Schemas['Camera']['mode'];
export type CameraPage = SinceLately<Omit<Answer<'/api/camera'>, 'cameras'>, 'healthOfAll' | 'leftOut'> & {
  readonly cameras: readonly Camera[];
};
export type Account = Answer<'/api/account'>['accounts'][number];
export type Forecast = Schemas['Forecast'];
export type Ready = Answer<'/ready'>;
export type Pass = Schemas['Pass'];
export type AvailabilityOf = Schemas['Availability'];
export type Availability = Answer<'/api/availability'>;
export type Outage = Schemas['Outage'];
export type ImportPlan = Extract<Answer<'/api/camera/import', 'post'>, { readonly summary: unknown }>;
export type Live = Answer<'/api/camera/{id}/live'>;

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
const OPENING_PATIENCE_MS = 60_000;
export const JSON_BODY = { 'content-type': 'application/json' };

export const listCameras = (query: URLSearchParams): Promise<CameraPage> => ask(`/api/camera?${query.toString()}`);
export const getCamera = async (id: string): Promise<Camera> =>
  (await ask<Answer<'/api/camera/{id}'>>(`/api/camera/${encodeURIComponent(id)}`)).camera;
export const listAccounts = async (): Promise<readonly Account[]> =>
  (await ask<Answer<'/api/account'>>('/api/account')).accounts;
export const getForecast = (): Promise<Forecast> => ask('/api/forecast');
export const getPass = async (id: string): Promise<Pass> =>
  (await ask<Answer<'/api/pass/{id}'>>(`/api/pass/${encodeURIComponent(id)}`)).pass;
export const getLive = (id: string, signal: AbortSignal): Promise<Live> =>
  ask(`/api/camera/${encodeURIComponent(id)}/live`, { signal });
export const getAvailability = (query: string): Promise<Availability> => ask(`/api/availability?${query}`);
export const listOutages = async (query: string): Promise<readonly Outage[]> =>
  (await ask<Answer<'/api/outages'>>(`/api/outages?${query}`)).outages;
export const setMode = (id: string, mode: CameraMode): Promise<unknown> =>
  ask(`/api/camera/${encodeURIComponent(id)}`, { method: 'PUT', headers: JSON_BODY, body: JSON.stringify({ mode }) });

/** Adds a camera with an address of its own; camlease opens it first, which takes 10 s at most for each reading of the login. */
export function addCamera(camera: Schemas['NewUrlCamera'], image: File | null): Promise<unknown> {
  if (image === null)
    return ask(
      '/api/camera',
      { method: 'POST', headers: JSON_BODY, body: JSON.stringify(camera) },
      OPENING_PATIENCE_MS,
    );
  const form = new FormData();
  for (const [name, value] of Object.entries(camera)) {
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  form.append('image', image);
  return ask('/api/camera', { method: 'POST', body: form }, OPENING_PATIENCE_MS);
}

/** What importing this table, or this JSON, would do. */
export const planImport = (text: string): Promise<ImportPlan> =>
  ask('/api/camera/import?plan=true', importInit(text), OPENING_PATIENCE_MS);

/** Starts the import; returns the pass's id at once. */
export async function startImport(text: string): Promise<string> {
  const init = importInit(text);
  const headers = { ...init.headers, prefer: 'respond-async' };
  return (await ask<{ readonly pass: string }>('/api/camera/import', { ...init, headers }, OPENING_PATIENCE_MS)).pass;
}

function importInit(text: string) {
  const headers = /^[\s\uFEFF]*[[{]/.test(text) ? JSON_BODY : { 'content-type': 'text/csv' };
  return { method: 'POST', headers, body: text.replace(/^\uFEFF/, '') };
}

/** Gives the camera this photograph; null: takes it away. */
export const setImage = async (id: string, image: File | null): Promise<Camera> => {
  const path = `/api/camera/${encodeURIComponent(id)}/image`;
  const upload = { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: image };
  const init = image === null ? { method: 'DELETE' } : upload;
  return (await ask<Answer<'/api/camera/{id}/image', 'put'>>(path, init, OPENING_PATIENCE_MS)).camera;
};

/** The readiness of each part. A 503 has the same shape, so it is not an error here. */
export async function getReady(): Promise<Ready> {
  const response = await fetch('/ready', { signal: AbortSignal.timeout(PATIENCE_MS) });
  return (await response.json()) as Ready;
}

/** Starts a pass, or joins the running one. Returns the pass's id at once. */
export async function startPass(
  path: '/api/hikvision/initialize' | '/api/hikvision/renew',
  body: Schemas['RenewRequest'],
): Promise<string> {
  const headers = { ...JSON_BODY, prefer: 'respond-async' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  return (await ask<Pick<Schemas['RenewReport'], 'pass'>>(path, init)).pass;
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
  const { error } = (body ?? {}) as { error?: Partial<Schemas['Error']['error']> };
  return new ApiError(
    error?.code ?? String(status),
    error?.message ?? `camlease answered with HTTP status ${status}.`,
    error?.cure ?? '',
  );
}
