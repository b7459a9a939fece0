/** MediaMTX's kinds of HLS. */
export const VARIANTS = ['mpegts', 'lowLatency', 'fmp4'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Throws for a name that is none; absent: null, the template's own. */
export function variantNamed(name: string | undefined): Variant | null {
  if (name === undefined) return null;
  const variant = VARIANTS.find((each) => each === name);
  if (variant === undefined) throw new Error(`--variant is one of ${VARIANTS.join(', ')}, not "${name}".`);
  return variant;
}

/** The text of MediaMTX's file with another kind of HLS; null: as it is. */
export function withVariant(text: string, variant: Variant | null): string {
  return variant === null ? text : text.replace(/^hlsVariant: .*$/m, `hlsVariant: ${variant}`);
}
