import type { AccountNote } from '../../core/passes/accountNotes.js';
import type { OpenAlert } from '../../core/alerts/alert.js';
import type { AccountCheck, CallPriority } from '../../cloud/cloudApi.js';
import type { Camera, CameraId, CloudVendor } from '../../core/camera/camera.js';
import type { Vendors } from '../../core/camera/vendors.js';
import type { Clock, Random } from '../../core/clock.js';
import type { Availability, AvailabilityPeriod } from '../../core/outages/availability.js';
import type { SeenStream, StreamRefusal } from '../../core/health/health.js';
import type { FailureClass } from '../../core/errors.js';
import type { FeedRow } from '../../core/feeds/feedEntry.js';
import type { FeedPlan } from '../../core/feeds/planFeed.js';
import type { FeedState } from '../../core/feeds/feedState.js';
import type { Forecast } from '../../core/renewal/forecast.js';
import type { HandoverDecision } from '../../core/handover/handover.js';
import type { KeptSnapshot } from '../../core/pictures/snapshotNames.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import type { Outage, OutageSubject } from '../../core/outages/outage.js';
import type { MaintenanceWindow } from '../../core/alerts/maintenance.js';
import type { NetworkWish } from '../../core/passes/networkReport.js';
import type { Pass, PassCounts, PassHandle } from '../../core/passes/pass.js';
import type { RelayReason } from '../../core/streams/relay.js';
import type { WriteRefusal } from '../../core/health/writeRefusal.js';
import type { EmbeddedMedia, EngineStatus, PlannedChange, StreamLinks } from '../../engine/mediaEngine.js';
import type { Log } from '../../observe/logger.js';
import type { NewCamera } from '../../store/cameraStore.js';
import type { PictureStore } from '../../store/pictureStore.js';
import type { CameraChange, GivenSource } from '../../core/camera/cameraChange.js';
import type { PlanRequest, RenewRequest } from '../../core/passes/requests.js';
import type { SenderState } from '../../core/alerts/senderState.js';

type Awaitable<T> = T | Promise<T>;

/** Cameras: reads from memory, writes through to the store. */
export interface CamerasDep {
  peek(id: CameraId): Camera | null | undefined;
  /** Sorted by name, then id. */
  peekAll(): Iterable<Camera>;
  /** Stored documents that could not be read as cameras. */
  leftOut(): readonly LeftOutDocument[];
  /** Changes of cameras, and new cameras, that the database refuses. From memory. */
  refusedWrites(): ReadonlyMap<CameraId, WriteRefusal>;
  create(camera: NewCamera, now: Date): Promise<Camera>;
  update(id: CameraId, change: CameraChange, now: Date): Promise<Camera | null>;
  remove(id: CameraId, now: Date): Promise<boolean>;
  /** Throws when the store is away. */
  ping(): Promise<void>;
}

/** The steps of leases' lives; see `core/handover/leaseEvents.ts`. */
export interface EventsDep {
  /** Newest first; `before` is the id of an event. */
  eventsOf(id: CameraId, query: { readonly limit: number; readonly before?: string }): Promise<LeaseEvent[]>;
  /**
   * Events of all cameras, in the order in which `onEvent` published them, after the event with this id; none when that id is
   * unknown or was dropped. Includes every step that was published before the call.
   */
  eventsAfter(eventId: string, limit: number): Promise<LeaseEvent[]>;
  /**
   * Calls `listener` for each step as it happens, whether it is stored yet or not; `isOurs` is false for a step that another
   * replica took. The returned function ends it.
   */
  onEvent(listener: (event: LeaseEvent, isOurs: boolean) => void): () => void;
}

export interface JobsDep {
  /** Starts a pass, or joins the one that runs. */
  initialize(): Awaitable<PassHandle>;
  renew(request: RenewRequest): Awaitable<PassHandle>;
  importCameras(rows: readonly FeedRow[]): Awaitable<PassHandle>;
  searchNetwork(wish: NetworkWish): Awaitable<PassHandle>;
  /** What an import of these rows would do; writes nothing. */
  planImport(rows: readonly FeedRow[]): FeedPlan;
  pass(id: string): Awaitable<Pass | null | undefined>;
  /** A player asks for this camera now: its path goes to the engine at once. Called for every `/live`, so it must cost nothing. */
  urgent(id: CameraId): void;
  /** A request added, changed or deleted the camera. */
  cameraChanged(id: CameraId): void;
  /** What an action would do to paths and viewers; writes nothing. Leaves out cameras that would not change. */
  plan(request: PlanRequest, signal?: AbortSignal): Promise<readonly PlannedChange[]>;
  /** The last decision about the camera's candidate; null: there is none. */
  handoverOf(id: CameraId): HandoverDecision | null;
  /** Cameras that the media server does not serve, and its problem when it works but not as it should. From memory. */
  engineState(): { readonly refused: ReadonlyMap<CameraId, StreamRefusal>; readonly problem: string | null };
  /** From memory. */
  forecast(): Forecast;
  status(): PassCounts;
}

export interface EngineDep {
  links(cameraId: CameraId, requestOrigin: string): StreamLinks;
  /** Where the camera's stream is read from the relay. Secret. null or absent: the relay does not carry it. */
  readerUrl?(cameraId: CameraId): string | null;
  status(): EngineStatus;
  states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, SeenStream>>;
  readonly media: EmbeddedMedia | null;
}

export interface AccountState {
  readonly name: string;
  readonly vendor: CloudVendor;
  /** Set while the cloud refuses the account itself. */
  readonly refused: {
    readonly code: string;
    readonly failureClass: FailureClass;
    readonly message: string;
    readonly cure: string;
    /** When the account is tried again. */
    readonly nextLookAt: Date;
  } | null;
  /** When the cloud last served the account; null: not since the start; absent: unknown. */
  readonly lastSuccessAt?: Date | null;
  /** The last fault on the way to the cloud, if the cloud has not answered since; null or absent: none. */
  readonly away?: {
    readonly code: string;
    readonly message: string;
    readonly cure: string;
    /** So many calls in a row failed that it counts as a fault of the account. */
    readonly isLasting?: boolean;
  } | null;
  /** Cloud calls that wait, by priority. */
  readonly queued: Readonly<Record<CallPriority, number>>;
  /** Peculiarities of the account's latest listing; absent: none. */
  readonly notes?: readonly AccountNote[];
}

export interface KeysToTry {
  readonly vendor: CloudVendor;
  readonly appKey: string;
  readonly secret: string;
  readonly baseUrl?: string;
}

export interface AccountsDep {
  list(): readonly AccountState[];
  /** Logs in with keys that are not stored. Throws `CameraError`. */
  tryKeys(keys: KeysToTry): Promise<AccountCheck>;
}

/** A camera, all cameras of an account, all cameras. */
export type WatchedSubject = OutageSubject | { readonly kind: 'all' };

/** Whether cameras work and worked, judged by bytes that moved. */
export interface OutagesDep {
  /** Newest first: outages that overlap the time asked for. */
  outages(query: {
    readonly camera?: CameraId;
    readonly account?: string;
    readonly from?: Date;
    readonly to?: Date;
  }): Promise<Outage[]>;
  availability(subject: WatchedSubject): Promise<Readonly<Record<AvailabilityPeriod, Availability>>>;
  /** What the engine last reported about the camera; null: camlease has not asked yet. */
  lastSeen(id: CameraId): {
    readonly flow: SeenStream['flow'];
    readonly viewers: number | null;
    /** Why the relay brings no pictures; null or absent: no pull ended, or there is no relay. */
    readonly reason?: RelayReason | null;
    readonly at: Date;
    readonly bytesMovedAt: Date | null;
  } | null;
  /** True: pull after pull brought no pictures, so none are expected of the next one; absent: no relay is watched. */
  isSilent?(id: CameraId): boolean;
  /** The camera's open outage; null or absent: none is known. */
  openOf?(id: CameraId): Outage | null;
  /**
   * When the store last answered, whether it does now, and why it refuses writes (null: it takes them). null: it was not asked
   * yet.
   */
  storeAnswered(): {
    readonly at: Date | null;
    readonly isThere: boolean;
    readonly refusal: WriteRefusal | null;
  } | null;
}

export interface AlertsDep {
  /** `closed`: those of the last seven days, newest first. */
  list(): Promise<{
    readonly open: readonly OpenAlert[];
    readonly closed: readonly OpenAlert[];
    readonly senders: readonly SenderState[];
  }>;
  hasSender(name: string): boolean;
  /** Sends a test by one sender (null: by all). Never throws for a sender that fails. */
  test(
    sender: string | null,
    signal: AbortSignal,
  ): Promise<
    readonly {
      readonly sender: string;
      readonly to: string;
      readonly failure: { readonly message: string; readonly cure: string | null } | null;
    }[]
  >;
  readonly windows: {
    /** Windows that are not over. */
    list(): Promise<readonly MaintenanceWindow[]>;
    add(window: Omit<MaintenanceWindow, 'id'>): Promise<MaintenanceWindow>;
    /** False: there is no such window. */
    remove(id: string): Promise<boolean>;
  };
}

/** Lists of cameras that this process reads. */
export interface FeedsDep {
  states(): readonly FeedState[];
}

/** Cameras whose source is an address. Throws REQUEST_INVALID, CAMERA_EXISTS and SOURCE_NOT_OPENED, among others. */
export interface SourcesDep {
  create(
    camera: Omit<NewCamera, 'source' | 'lease' | 'failure' | 'quality' | 'errorClipCheck'> & {
      readonly source: GivenSource;
    },
    wish: { readonly keep: boolean; readonly again: boolean; readonly signal: AbortSignal },
  ): Promise<Camera>;
  /** A part of the source that is left out or masked stays as it is. */
  change(
    id: CameraId,
    given: GivenSource,
    wish: { readonly keep: boolean; readonly again: boolean; readonly signal: AbortSignal },
  ): Promise<Camera>;
  /** The camera that has this address and login already; null: none. */
  twinOf(given: GivenSource): Camera | null;
  /** What `change` would store; null: nothing would change. */
  wanted(id: CameraId, given: GivenSource): { readonly url: string } | null;
}

/** Snapshots that are kept by day. */
export interface SnapshotsDep {
  /** Newest day first. */
  days(id: CameraId): Promise<ReadonlyArray<{ readonly day: string; readonly count: number }>>;
  /** Oldest first. */
  ofDay(id: CameraId, day: string): Promise<readonly KeptSnapshot[]>;
  /** null: there is none. */
  read(snapshot: Pick<KeptSnapshot, 'cameraId' | 'day' | 'time'>): Promise<Buffer | null>;
  /** Why the latest snapshot was not kept; null: it was. */
  problem(): string | null;
}

/** Reads pictures that people upload. */
export interface ImagesDep {
  /** Throws REQUEST_INVALID when the file is no picture, RATE_LIMITED and IMAGES_OFF. */
  toJpeg(picture: Buffer, signal: AbortSignal): Promise<Buffer>;
}

/** Everything that the HTTP side needs from the rest of camlease. */
export interface HttpDeps {
  readonly cameras: CamerasDep;
  readonly sources: SourcesDep;
  readonly jobs: JobsDep;
  readonly engine: EngineDep;
  readonly accounts: AccountsDep;
  readonly events: EventsDep;
  readonly alerts: AlertsDep;
  readonly outages: OutagesDep;
  /** Absent: no lists are read. */
  readonly feeds?: FeedsDep;
  readonly pictures: Pick<PictureStore, 'getPicture' | 'getImage' | 'saveImage' | 'removeImage'>;
  readonly images: ImagesDep;
  /** Absent: no snapshots are kept. */
  readonly snapshots?: SnapshotsDep;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Masks secrets in every sentence that an error sends out. */
  readonly redact: (text: string) => string;
  readonly vendors: Vendors;
  /** `PUBLIC_URL`; its host is accepted, and links are made from it. */
  readonly publicUrl: string | null;
  /** `ALLOWED_ORIGINS`: pages of other sites that may use the API; absent: none. */
  readonly allowedOrigins?: readonly string[];
  /** `HLS_BASE_URL` and `WEBRTC_BASE_URL`: the addresses that the page may play from. */
  readonly mediaBaseUrls: readonly string[];
  /** The folder of the built page; null or absent on disk: `/` says how to build it. */
  readonly dashboardDir: string | null;
  readonly version: string;
  /** Changing requests per minute and address; default 300. */
  readonly writesPerMinute?: number;
}
