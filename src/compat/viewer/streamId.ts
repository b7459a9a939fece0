import type { Random } from '../../core/clock.js';

/** A UUID of version 4, as the old system named its streams. */
export function newStreamId(random: Random): string {
  const digit = (values: number): string => Math.floor(random() * values).toString(16);
  const digits = (count: number): string => Array.from({ length: count }, () => digit(16)).join('');
  const variant = ['8', '9', 'a', 'b'][Math.floor(random() * 4)] ?? '8';
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${variant}${digits(3)}-${digits(12)}`;
}
