import { createHash } from 'node:crypto';
import type { Notification } from '../sender.js';

/** The text on one line: camera names come from outside and may hold line ends or control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** `[critical] Gate is dark`; a recovery and a test say so in place of a severity. */
export function heading(notification: Notification): string {
  const { kind, severity } = notification;
  const word = kind === 'recovery' ? 'recovered' : kind === 'test' ? 'test' : severity;
  const again = kind === 'reminder' ? ', still' : '';
  return `[${word}${again}] ${oneLine(notification.title)}`;
}

/** The text, and below it the link to camlease's page, within `most` (counted by `sizeOf`). The link is kept whole or left out. */
export function textWithLink(
  notification: Notification,
  most: number,
  sizeOf: (text: string) => number = (text) => text.length,
): string {
  const link = notification.link === null ? '' : `\n\n${notification.link}`;
  const kept = sizeOf(link) * 2 > most ? '' : link;
  return shorten(notification.text, most - sizeOf(kept), sizeOf) + kept;
}

/** The text shortened to `most`, an ellipsis included; no character is cut in two. */
export function shorten(
  text: string,
  most: number,
  sizeOf: (text: string) => number = (whole) => whole.length,
): string {
  if (sizeOf(text) <= most) return text;
  const room = most - sizeOf('…');
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += sizeOf(character);
    if (size > room) break;
    end += character.length;
  }
  return `${text.slice(0, end)}…`;
}

export const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

/** The id if it holds only letters, digits, `_` and `-`; else a digest of it, always the same one. */
export function plainId(id: string): string {
  return /^[A-Za-z0-9_-]{1,120}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 40);
}
