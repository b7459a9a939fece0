import type { PullReason } from '../../core/streams/relay.js';

/** Why a pull over RTSP ended. */
export interface RtspEnd {
  readonly why: PullReason;
  /** Such as `RTSP_404`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`; `CLOSED`: the camera closed the connection. Absent: there is none. */
  readonly code?: string;
  /** For tests and debuggers; it may name what the camera sent. */
  readonly description: string;
}

/** Ends a pull from within one of its steps. */
export class RtspFault extends Error {
  override readonly name = 'RtspFault';
  readonly end: RtspEnd;

  constructor(end: RtspEnd) {
    super(end.description);
    this.end = end;
  }
}

export const CLOSED: RtspEnd = {
  why: 'connection',
  code: 'CLOSED',
  description: 'The camera closed the connection.',
};

/** The end that an answer means which is no success. `hadLogin`: the request had user and password in it. */
export function endOfStatus(status: number, method: string, hadLogin: boolean): RtspEnd {
  const code = `RTSP_${status}`;
  const description = `The camera answered ${status} to ${method}.`;
  if (status === 401 || (status === 403 && hadLogin)) return { why: 'login', code, description };
  if (status === 404 || status === 410) return { why: 'not-found', code, description };
  if (status === 453 || status === 503)
    return { why: 'too-many', code, description: `${description} It has no room for another session.` };
  if (status >= 300 && status < 400)
    return { why: 'refused', code, description: `${description} The relay follows no redirect of a camera.` };
  return { why: 'refused', code, description };
}
