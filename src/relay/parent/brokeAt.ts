const MOST_FRAMES = 6;

/** Where in our code an error was thrown, for a log: never its message, which may quote an address. */
export function brokeAt(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const places = frames.slice(0, MOST_FRAMES).map((frame) => /([\w.-]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? 'unknown');
  return [error.name, ...places].join(' ');
}
