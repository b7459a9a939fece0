import type { LeftOutDocument } from '../core/leftOut.js';
import type { StoreLog } from './cameraDocuments.js';

/** The documents that are left out, and that each is told once. */
export class LeftOutDocuments {
  readonly #log: StoreLog;
  readonly #documents = new Map<string, LeftOutDocument>();
  readonly #told = new Map<string, string>();

  constructor(log: StoreLog) {
    this.#log = log;
  }

  all(): readonly LeftOutDocument[] {
    return [...this.#documents.values()];
  }

  add(document: LeftOutDocument): void {
    const { id, message, cure } = document;
    this.#documents.set(id, document);
    this.tellOnce(id, `The stored camera ${id} is left out: ${message}.`, cure);
  }

  /** It is a camera after all. */
  forget(id: string): void {
    if (this.#documents.delete(id)) this.#told.delete(id);
  }

  /** Only these are in the database. */
  keepOnly(isThere: (id: string) => boolean): void {
    for (const id of this.#documents.keys()) if (!isThere(id)) this.forget(id);
  }

  tellOnce(id: string, sentence: string, cure?: string): void {
    if (this.#told.get(id) === sentence) return;
    this.#told.set(id, sentence);
    this.#log.warn(sentence, { camera: id, ...(cure !== undefined && { cure }) });
  }
}
