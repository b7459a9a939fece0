interface Override {
  readonly value: string | number | boolean;
  /** `internal`: paths whose names begin with `_`. `pulling`: paths with a source, bridges too. `pull`: paths that read a cloud. */
  readonly for: 'all' | 'internal' | 'pulling' | 'pull' | 'bridge' | 'public';
}

/**
 * Fields that our lines set only where the operator's `pathDefaults` have another value, and the value that they set. With a default of
 * the first group MediaMTX v1.20.1 rejects the line (its path validation); of the second, the pull or the handover fails without an
 * error; the third are settings for cameras that our internal paths must not follow (recording, hooks, limits of readers).
 */
export const OVERRIDES = {
  srtPublishPassphrase: { value: '', for: 'pulling' },
  sourceRedirect: { value: '', for: 'all' },
  runOnDemand: { value: '', for: 'all' },
  runOnUnDemand: { value: '', for: 'all' },
  useAbsoluteTimestamp: { value: false, for: 'public' },

  // The fingerprint of another server's certificate.
  sourceFingerprint: { value: '', for: 'pull' },
  // Older names; MediaMTX prefers them to `overridePublisher` and `rtspTransport`.
  disablePublisherOverride: { value: false, for: 'public' },
  sourceProtocol: { value: 'tcp', for: 'bridge' },
  // Asks the source for recorded pictures, and fails when `rtspRangeStart` is not set too.
  rtspRangeType: { value: '', for: 'bridge' },

  record: { value: false, for: 'internal' },
  maxReaders: { value: 0, for: 'internal' },
  runOnInit: { value: '', for: 'internal' },
  runOnAvailable: { value: '', for: 'internal' },
  runOnUnavailable: { value: '', for: 'internal' },
  runOnReady: { value: '', for: 'internal' },
  runOnNotReady: { value: '', for: 'internal' },
  runOnOnline: { value: '', for: 'internal' },
  runOnOffline: { value: '', for: 'internal' },
  runOnRead: { value: '', for: 'internal' },
  runOnUnread: { value: '', for: 'internal' },
} as const satisfies Readonly<Record<string, Override>>;

export type OverrideField = keyof typeof OVERRIDES;

export const OVERRIDE_FIELDS = Object.keys(OVERRIDES).filter(isOverrideField);

export type PathOverrides = { readonly [F in OverrideField]?: string | number | boolean };

function isOverrideField(field: string): field is OverrideField {
  return Object.hasOwn(OVERRIDES, field);
}
