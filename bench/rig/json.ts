/** The body of a reply; throws with the server's text when it is a failure. */
export async function json<T>(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const reply = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${new URL(url).pathname} answered ${reply.status}: ${text.slice(0, 300)}`);
  const parsed: unknown = text === '' ? null : JSON.parse(text);
  return parsed as T;
}
