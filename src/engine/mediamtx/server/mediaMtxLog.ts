import { z } from 'zod';

/** A line that MediaMTX (v1.20) prints. */
export interface LogLine {
  /** `ERR`, `WAR`, `INF` or `DEB`; empty: it says none. */
  readonly level: string;
  /** Without time and level. */
  readonly message: string;
}

const PLAIN = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (ERR|WAR|INF|DEB) (.*)$/;
/** Before its log begins: a file that it cannot use. */
const EARLY = /^ERR: (.*)$/;
/** With such lines it quotes its file, passwords and addresses included, and a last one points at the place. */
const QUOTE = /^\s*>?\s*\d+ \| |^\s*\^+\s*$/;

const structured = z.object({ level: z.string(), message: z.string() });

/** Reads a line in either form (`logStructured`). null: it quotes MediaMTX's file, so nobody is shown it. */
export function readLogLine(line: string): LogLine | null {
  if (QUOTE.test(line)) return null;
  const [, level = '', message] = PLAIN.exec(line) ?? [];
  if (message !== undefined) return { level, message };
  const [, early] = EARLY.exec(line) ?? [];
  if (early !== undefined) return { level: 'ERR', message: early };
  const read = line.startsWith('{') ? structured.safeParse(parsed(line)) : null;
  return read?.success === true ? read.data : { level: '', message: line };
}

/** What a line says of why MediaMTX cannot run, with a cure; null: nothing. */
export function causeOfEnd({ level, message }: LogLine, configPath: string): string | null {
  const [, port] = /listen (?:tcp|udp)\S* (\S+): bind: address already in use/.exec(message) ?? [];
  if (port !== undefined) {
    return `MediaMTX cannot start: another program has the port ${port}. If that is a MediaMTX of yours, camlease can use it: set api: yes in its file, and MEDIAMTX_API_URL to its API. Else set another port in ${configPath}.`;
  }
  // Troubles of one connection or path are no reason to end.
  if (level !== 'ERR' || /^\[(?:API|path|HLS|WebRTC|RTSP|RTMP|SRT|MoQ)/.test(message)) return null;
  const reason = message.replace(/[.:]+$/, '');
  const [, field] = /unknown field "([^"]*)"/.exec(message) ?? [];
  if (field !== undefined)
    return `MediaMTX knows no setting '${field}'. Correct ${configPath}; this version may be older than the file.`;
  return `MediaMTX says: ${reason}. Correct ${configPath}.`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
