/**
 * A stored document that is left out, because something in it cannot be read. Discovery creates no other camera of its
 * device: that one would have another id, and links to the document's id would break.
 */
export interface LeftOutDocument {
  /** The document's `_id` as text, for people: it may be an id that no camera can have. */
  readonly id: string;
  /** Every serial that the document may mean. */
  readonly deviceSerials: readonly string[];
  /** null: the document does not name one. */
  readonly channel: number | null;
  /** Empty: the document does not name one. */
  readonly resourceId: string;
  /** Names the field and its value; never a URL. */
  readonly message: string;
  readonly cure: string;
}

/** The serial in the form in which serials are compared: people write them in either case and with blanks around. */
export function comparedSerial(deviceSerial: string): string {
  return deviceSerial.trim().toUpperCase();
}
