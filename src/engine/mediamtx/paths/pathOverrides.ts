interface Override {
  readonly value: string | number | boolean;
  /** `internal`: paths whose names begin with `_`. `pulling`: all with a source, bridges too. `pull`: those that read a cloud. */
  readonly for: 'all' | 'internal' | 'pulling' | 'pull' | 'bridge' | 'public';
}

/**
 * Fields that a line of ours has only where a default of MediaMTX's operator is in its way, and what it says then. The first group
 * excludes what the line is (validation of a path in MediaMTX v1.20.1); the second would make the pull or the handover fail without
 * a word; the third is meant for cameras and not for our internal paths.
 */
export const OVERRIDES = {
  srtPublishPassphrase: { value: '', for: 'pulling' },
  sourceRedirect: { value: '', for: 'all' },
  runOnDemand: { value: '', for: 'all' },
  runOnUnDemand: { value: '', for: 'all' },
  useAbsoluteTimestamp: { value: false, for: 'public' },

  // The fingerprint of another server's certificate.
  sourceFingerprint: { value: '', for: 'pull' },
  // Older names, which MediaMTX puts over `overridePublisher` and `rtspTransport`.
  disablePublisherOverride: { value: false, for: 'public' },
  sourceProtocol: { value: 'tcp', for: 'bridge' },
  // Asks for recorded pictures, and fails where its start is not set too.
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
