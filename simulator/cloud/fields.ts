/** A call that the cloud refuses. `code`: the vendor's code; `text`: the message beside it (absent: the vendor's own). */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  readonly text: string | undefined;

  constructor(code: string, text?: string) {
    super(`refused with ${code}`);
    this.code = code;
    this.text = text;
  }
}

/** The fields of a request, as JSON or as a form; a wrong type is refused with the vendor's code for that. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #refusalCode: string;

  constructor(values: ReadonlyMap<string, unknown>, refusalCode: string) {
    this.#values = values;
    this.#refusalCode = refusalCode;
  }

  /** null: absent or empty. */
  text(name: string, longest = 64): string | null {
    const value = this.#values.get(name);
    if (value === undefined || value === null || value === '') return null;
    if (typeof value !== 'string' || value.length > longest) throw this.refusal();
    return value;
  }

  requiredText(name: string, longest = 64): string {
    const value = this.text(name, longest);
    if (value === null) throw this.refusal();
    return value;
  }

  /** A number, or a string of digits: both clouds take either. */
  integer(name: string): number | null {
    const value = this.#values.get(name);
    if (value === undefined || value === null || value === '') return null;
    const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) throw this.refusal();
    return number;
  }

  /** An integer from `least` to `most`. */
  integerWithin(name: string, least: number, most: number, fallback: number | null): number {
    const number = this.integer(name) ?? fallback;
    if (number === null || number < least || number > most) throw this.refusal();
    return number;
  }

  /** Strings; a single string counts as a list of one. */
  texts(name: string): readonly string[] {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((item) => {
      if (typeof item !== 'string') throw this.refusal();
      return item;
    });
  }

  /** The fields of an object inside this one; an absent object counts as empty. */
  nested(name: string): Fields {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return new Fields(new Map(), this.#refusalCode);
    if (typeof value !== 'object' || Array.isArray(value)) throw this.refusal();
    return new Fields(new Map(Object.entries(value)), this.#refusalCode);
  }

  refusal(): Refusal {
    return new Refusal(this.#refusalCode);
  }
}
