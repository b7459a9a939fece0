import type { ErrorEntry } from './errorTable.js';

/** Letters only, and few of them: a vendor's text may quote a key. */
const NAMED = [
  /(?:illegal|invalid|wrong|bad)\s{1,3}param(?:eter)?s?\b\s{0,3}:?\s{0,3}["'[(]?([A-Za-z]{2,24})(?![A-Za-z0-9_.-])/i,
  /\bparam(?:eter)?\b\s{0,3}:?\s{0,3}["'[(]?([A-Za-z]{2,24})["'\])]?\s{1,3}(?:is\s{1,3})?(?:illegal|invalid|wrong|empty|null|error)/i,
  /\b(code|channelNo|deviceSerial|resourceId|expireTime|protocol|quality|startTime|stopTime)\s{1,3}is\s{1,3}(?:illegal|invalid|wrong|empty|null)/i,
];
const DEVICE_NAMES: ReadonlySet<string> = new Set(['deviceserial', 'resourceid', 'channelno', 'cameraid', 'source']);

/** The parameter that a vendor's text calls illegal; null: the text names none. The caller has bounded the text. */
export function parameterIn(text: string): string | null {
  for (const pattern of NAMED) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

/** What "illegal parameter NAME" means; only `code` is about stream encryption. null: no name, so the table's own entry applies. */
export function parameterEntry(name: string | null, encryptionCure: string, deviceCure: string): ErrorEntry | null {
  if (name === null) return null;
  const failureClass = 'permanent';
  if (name.toLowerCase() === 'code') {
    const message =
      'The cloud wants the password of the stream encryption (parameter code), so the stream is encrypted.';
    return { failureClass, message, cure: encryptionCure };
  }
  const message = `The cloud says that the value of ${name} in the request is not valid.`;
  if (DEVICE_NAMES.has(name.toLowerCase())) return { failureClass, message, cure: deviceCure };
  if (name.toLowerCase() === 'expiretime') {
    const cure = 'Set STREAM_LIFETIME_SECONDS to a lifetime that the vendor allows: 30 seconds to 720 days.';
    return { failureClass, message, cure };
  }
  return {
    failureClass,
    message,
    cure: 'This is an error of camlease or a change of the vendor: report it to the developers of camlease with the code.',
  };
}
