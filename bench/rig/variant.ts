/** MediaMTX's kinds of HLS. */
export const VARIANTS = ['mpegts', 'lowLatency', 'fmp4'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Reads a variant's name; absent: null, the template's variant. Throws for an unknown name. */
export function variantNamed(name: string | undefined): Variant | null {
  if (name === undefined) return null;
  const variant = VARIANTS.find((each) => each === name);
  if (variant === undefined) throw new Error(`--variant is one of ${VARIANTS.join(', ')}, not "${name}".`);
  return variant;
}

/** The text of MediaMTX's file with this variant of HLS; null: unchanged. */
export function withVariant(text: string, variant: Variant | null): string {
  return variant === null ? text : text.replace(/^hlsVariant: .*$/m, `hlsVariant: ${variant}`);
}
