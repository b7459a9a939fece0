import type { FailureClass } from '../errors.js';
import type { CameraAbout } from './cameraAbout.js';
import type { Lease, StreamQuality } from './lease.js';
import type { StreamTracks } from './tracks.js';
import type { WhenGone } from './whenGone.js';

/** 24 hex digits for a discovered camera; a hand-made document keeps its `_id`. Also the path name in MediaMTX, for ever. */
export type CameraId = string;

/** A vendor's word in documents, settings and the API, such as `ezviz`. `cloud/vendors/registry.ts` lists the vendors. */
export type CloudVendor = string;

/** Documents and requests that name no vendor mean this one: an old contract with databases and clients. */
export const UNNAMED_VENDOR: CloudVendor = 'hikconnect';

/** What the listing and the operator say of a camera. What camlease sees itself is in `CameraHealth` and `Failure`. */
export const CAMERA_STATUSES = ['active', 'offline', 'missing', 'disabled'] as const;
export type CameraStatus = (typeof CAMERA_STATUSES)[number];

/**
 * How a camera's stream gets to its viewers.
 * - `on-demand`: pulled while somebody watches, by the relay where there is one; a new lease takes over while viewers
 *   watch.
 * - `direct`: pulled while somebody watches, by the media server itself; a watched camera's new lease waits until nobody
 *   watches, or until the last safe moment.
 * - `always-on`: pulled all the time; a new lease takes over while viewers watch. While nothing comes, its last picture
 *   stands.
 * - `seamless`: like `always-on`, without even a moment's freeze, by the relay; as `always-on` where there is no relay.
 */
export const CAMERA_MODES = ['on-demand', 'direct', 'always-on', 'seamless'] as const;
export type CameraMode = (typeof CAMERA_MODES)[number];

/** True for a mode that pulls a camera whether somebody watches or not. */
export function isAlwaysPulled(mode: CameraMode): boolean {
  return mode === 'always-on' || mode === 'seamless';
}

/** True for a mode that goes through the relay where there is one. */
export function goesByRelay(mode: CameraMode): boolean {
  return mode === 'on-demand' || mode === 'seamless';
}

/** `off`: viewers get the picture alone. */
export const SOUND_SETTINGS = ['on', 'off'] as const;
export type SoundSetting = (typeof SOUND_SETTINGS)[number];

/** `auto` asks for the main stream and falls back to the sub stream when the main one is H.265. */
export const QUALITY_SETTINGS = ['auto', 'main', 'sub'] as const;
export type QualitySetting = (typeof QUALITY_SETTINGS)[number];

/** A device and channel of an account at a vendor cloud. */
export interface CloudSource {
  readonly kind: 'cloud';
  readonly vendor: CloudVendor;
  /**
   * The account's name in the configuration; null for a hand-made document until a listing shows which account has the
   * device (`isUnidentified` in `cameraSource.ts`).
   */
  readonly account: string | null;
  readonly deviceSerial: string;
  /** From 1; null for a hand-made document whose URL does not name the channel. */
  readonly channel: number | null;
  /** The vendor's id of the camera (hccgw: needed to ask for a live URL; may change); empty for EZVIZ. */
  readonly resourceId: string;
}

/** The user and password of an address, as the camera knows them: not percent-encoded. Secret. */
export interface SourceLogin {
  readonly user: string;
  /** May be empty: some cameras have no password. */
  readonly password: string;
}

/** An address that a person gave. It does not expire, and no cloud is asked for it. */
export interface UrlSource {
  readonly kind: 'url';
  /**
   * As it was given, path and query byte for byte, without its login (documents from before there was `login` have it inside).
   * Secret all the same, since a path or a query may hold a key: it leaves the store and the engine only masked.
   */
  readonly url: string;
  /** null: the camera asks for none, or it is inside `url`. */
  readonly login: SourceLogin | null;
  /**
   * The other reading of a login that was written into an address (raw, percent-decoded), until an opening shows which of the two
   * the camera takes. Absent: there is one reading. Secret.
   */
  readonly otherLogin?: SourceLogin | undefined;
  /** From 1; a greater number for each new URL or login. */
  readonly revision: number;
  /** What the latest opening of this revision found; null: it has not opened yet. */
  readonly tracks: StreamTracks | null;
  /** When this revision last opened; null: not yet. */
  readonly openedAt: Date | null;
}

/** Where a camera's pictures come from. `cameraSource.ts` answers what the rest of the house asks about it. */
export type CameraSource = CloudSource | UrlSource;

/** A camera's latest failure, until it is cured. */
export interface Failure {
  /** The vendor's code, or one of ours. */
  readonly code: string;
  readonly failureClass: FailureClass;
  readonly message: string;
  readonly cure: string;
  /** When this run of failures began. */
  readonly since: Date;
  /** The latest attempt. */
  readonly at: Date;
  /** Attempts in this run of failures, from 1. */
  readonly attempts: number;
  /** When the next try comes, jitter included (drawn once); null: only after something has changed. */
  readonly nextLookAt: Date | null;
}

/** Which list a camera came from, and how the list calls it. No other list changes the camera. */
export interface CameraFeed {
  /** The feed's name: `file`, `import`, a master list's or an older system's. */
  readonly name: string;
  /** The entry's key in that feed; the same entry keeps its camera, with all that is counted of it, for ever. */
  readonly key: string;
  /**
   * A digest of each value that the list said last, by field: a person's change stays until the list says another value. Absent:
   * not known, or the feed is none that is read again and again.
   */
  readonly said?: Readonly<Record<string, string>> | undefined;
}

/** A camera as the store keeps it. */
export interface Camera {
  readonly id: CameraId;
  readonly name: string;
  readonly source: CameraSource;
  /** The operator's switch. */
  readonly enabled: boolean;
  readonly status: CameraStatus;
  readonly mode: CameraMode;
  readonly quality: QualitySetting;
  readonly sound: SoundSetting;
  /** Set when `auto` found that only this stream plays; the next renewal asks for it at once. */
  readonly learnedQuality: StreamQuality | null;
  /** False: the operator says that this camera's picture is real even when it has every sign of the vendor's error clip. */
  readonly errorClipCheck: boolean;
  /** What viewers get once the picture has been away for a minute; only for a camera that a relay carries. */
  readonly whenGone: WhenGone;
  readonly labels: readonly string[];
  /** What people note about it for their dashboards. */
  readonly about: CameraAbout;
  /** `hand-made`: inserted or created by a person, not by a listing. */
  readonly origin: 'discovered' | 'hand-made';
  /** null: no list gave the camera. */
  readonly feed: CameraFeed | null;
  readonly lease: Lease | null;
  readonly candidate: Lease | null;
  /** The highest revision ever given out, rejected ones included; the next lease is one more. */
  readonly lastRevision: number;
  readonly failure: Failure | null;
  /** A remark for the operator that is not a failure (an old cron job rewrites `rtmpPath`, say). */
  readonly notice: string | null;
  readonly missingSince: Date | null;
  /** Ids of replaced and rejected URLs that are still to be given back to the vendor. */
  readonly retiredUrlIds: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
