interface Change {
  readonly hikvisionEnabled?: boolean;
  readonly quality?: 'sub';
  readonly mode?: 'on-demand' | 'direct';
  readonly errorClipCheck?: boolean;
}

/** How a camera is changed while the page has no button for it; follows "by" or stands in brackets. */
export function byApi(change: Change): string {
  return `PUT /api/camera/<its id> with ${JSON.stringify(change)}`;
}

export const DELETE_BY_API = 'DELETE /api/camera/<its id>';
