import { z } from 'zod';

/** A line that MediaMTX (v1.20) prints. */
export interface LogLine {
  /** `ERR`, `WAR`, `INF` or `DEB`; empty: the line has none. */
  readonly level: string;
  /** Without time and level. */
  readonly message: string;
}

const PLAIN = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (ERR|WAR|INF|DEB) (.*)$/;
/** A line from before MediaMTX opens its log: it cannot use its file. */
const EARLY = /^ERR: (.*)$/;
/** Lines with which MediaMTX quotes its file, passwords and addresses included, and the last one, which points at the place. */
const QUOTE = /^\s*>?\s*\d+ \| |^\s*\^+\s*$/;

const structured = z.object({ level: z.string(), message: z.string() });

/** Reads a line, plain or JSON (`logStructured`). null: the line quotes MediaMTX's file and must not be shown. */
export function readLogLine(line: string): LogLine | null {
  if (QUOTE.test(line)) return null;
  const [, level = '', message] = PLAIN.exec(line) ?? [];
  if (message !== undefined) return { level, message };
  const [, early] = EARLY.exec(line) ?? [];
  if (early !== undefined) return { level: 'ERR', message: early };
  const read = line.startsWith('{') ? structured.safeParse(parsed(line)) : null;
  return read?.success === true ? read.data : { level: '', message: line };
}

/** Why MediaMTX cannot run according to this line, a sentence with its cure; null: the line gives no reason. */
export function causeOfEnd({ level, message }: LogLine, configPath: string): string | null {
  const [, port] = /listen (?:tcp|udp)\S* (\S+): bind: address already in use/.exec(message) ?? [];
  if (port !== undefined) {
    return `MediaMTX cannot start: another program has the port ${port}. If that is a MediaMTX of yours, camlease can use it: set api: yes in its file, and MEDIAMTX_API_URL to its API. Else set another port in ${configPath}.`;
  }
  // MediaMTX does not exit over an error of one connection or path.
  if (level !== 'ERR' || /^\[(?:API|path|HLS|WebRTC|RTSP|RTMP|SRT|MoQ)/.test(message)) return null;
  const reason = message.replace(/[.:]+$/, '');
  const [, field] = /unknown field "([^"]*)"/.exec(message) ?? [];
  if (field !== undefined)
    return `MediaMTX does not know the setting '${field}'. Correct ${configPath}; this version may be older than the file.`;
  return `MediaMTX says: ${reason}. Correct ${configPath}.`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
