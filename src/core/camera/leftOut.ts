/**
 * A stored document that makes no camera, because something in it cannot be read. It keeps its place: discovery makes no other
 * camera of its device, since that one would have another id, and links to the document's would die.
 */
export interface LeftOutDocument {
  /** Its `_id` as text, for people: it may be one that no camera can have. */
  readonly id: string;
  /** Every serial that it may mean. */
  readonly deviceSerials: readonly string[];
  /** null: it does not say. */
  readonly channel: number | null;
  /** Empty: it does not say. */
  readonly resourceId: string;
  /** Names field and value; never a URL. */
  readonly message: string;
  readonly cure: string;
}

/** Serials as they are compared: people write them in either case and with blanks around. */
export function comparedSerial(deviceSerial: string): string {
  return deviceSerial.trim().toUpperCase();
}
