/** The form of an option's name; a value may follow it with nothing in between (`-pSECRET`). */
const NAME = /^(?:--[a-z][a-z-]{0,29}(?![A-Za-z0-9_-])|-[A-Za-z](?![a-zA-Z-])|--?$)/;

/** The first unknown option in a form that can be shown: its name, and nothing that may be a value. null: all options are known. */
export function unknownOption(argv: readonly string[], known: readonly string[]): string | null {
  const strange = argv.find((one) => one.startsWith('-') && !known.includes(one.split('=')[0] ?? ''));
  if (strange === undefined) return null;
  const [name] = NAME.exec(strange) ?? [];
  return name ?? `${strange.slice(0, strange.startsWith('--') ? 4 : 2)}… (what follows is not shown)`;
}
