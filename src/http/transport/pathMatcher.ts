/**
 * Whether an address is one of these: `:name` stands for one step, `*` for all that follows. As Express takes them: in any case,
 * with or without a slash at the end.
 */
export function pathMatcher(paths: readonly string[]): (path: string) => boolean {
  const forms = paths.map((path) => path.replace(/:\w+/g, '[^/]+').replace('*', '.*'));
  const pattern = new RegExp(`^(?:${forms.join('|')})/?$`, 'i');
  return (path) => pattern.test(path);
}
