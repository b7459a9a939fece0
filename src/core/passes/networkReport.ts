/** A stream that a camera on the network offers. */
export interface FoundStream {
  /** The camera's word for it; main and sub stream are two. */
  readonly profile: string;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** As `source.url` of a new camera takes it: without a login, at the host that answered. */
  readonly url: string;
}

/** A device on the network that speaks ONVIF. */
export interface FoundDevice {
  /** Host and port that answered, or that were asked. */
  readonly address: string;
  readonly name: string | null;
  readonly maker: string | null;
  readonly model: string | null;
  /** How far the device's clock is ahead of this machine's (s); null: it does not say. */
  readonly clockAheadS: number | null;
  readonly streams: readonly FoundStream[];
  /** Why it has no streams; null: it has. */
  readonly problem: string | null;
  readonly cure: string | null;
}

export interface NetworkReport {
  readonly success: boolean;
  readonly found: readonly FoundDevice[];
  /** What limits the search, in sentences. */
  readonly notes: readonly string[];
  /** No camera of the store is touched. */
  readonly failed: readonly [];
  readonly pass: string;
}

/** What is to be searched. */
export interface NetworkWish {
  /** Addresses that a person typed: `192.168.1.64`, `192.168.1.64:8000`, or the address of the device's service. */
  readonly addresses: readonly string[];
  /** True: every device on the local networks is asked to answer as well. */
  readonly asksAll: boolean;
  /** null: none was typed. Secret. */
  readonly login: { readonly user: string; readonly password: string } | null;
}
