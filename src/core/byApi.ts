interface Change {
  readonly hikvisionEnabled?: boolean;
  readonly quality?: 'sub';
  readonly mode?: 'on-demand' | 'direct';
  readonly errorClipCheck?: boolean;
}

/** The API call that makes this change to a camera, for sentences: it follows "by" or stands in brackets. */
export function byApi(change: Change): string {
  return `PUT /api/camera/<its id> with ${JSON.stringify(change)}`;
}

export const DELETE_BY_API = 'DELETE /api/camera/<its id>';
