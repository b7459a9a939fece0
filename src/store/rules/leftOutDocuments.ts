import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import type { DocumentWarnings } from '../documentWarnings.js';

/** Documents that are left out; each is logged once. */
export class LeftOutDocuments {
  readonly #lines: DocumentWarnings;
  readonly #documents = new Map<string, LeftOutDocument>();

  constructor(lines: DocumentWarnings) {
    this.#lines = lines;
  }

  all(): readonly LeftOutDocument[] {
    return [...this.#documents.values()];
  }

  add(document: LeftOutDocument): void {
    const { id, message, cure } = document;
    this.#documents.set(id, document);
    this.#lines.warnOnce(id, `The stored camera ${id} is left out: ${message}.`, cure);
  }

  /** The document is a camera after all. */
  forget(id: string): void {
    if (this.#documents.delete(id)) this.#lines.forget(id);
  }

  /** Forgets documents that are not in the database any more. */
  keepOnly(isThere: (id: string) => boolean): void {
    for (const id of this.#documents.keys()) if (!isThere(id)) this.forget(id);
  }
}
