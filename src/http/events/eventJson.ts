import type { z } from 'zod';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { eventReply } from '../shapes/replySchemas.js';

/** An event as the API shows it, field by field. */
export function eventJson(event: LeaseEvent, redact: (text: string) => string): z.input<typeof eventReply> {
  return {
    id: event.id,
    at: event.at.toISOString(),
    cameraId: event.cameraId,
    step: event.step,
    revision: event.revision,
    reason: event.reason,
    message: redact(event.message),
  };
}
