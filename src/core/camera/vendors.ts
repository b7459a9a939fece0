import type { CloudVendor } from './camera.js';
import { hasSuffix, isApiUrlAllowed, isOnHost, isStreamUrlAllowed } from './hosts.js';
import { streamUrlOf, type StreamUrlParts } from './streamUrl.js';

/** What the live URLs of a vendor look like. */
export interface LiveUrlForm {
  /** Suffixes of the hosts that live URLs are on. */
  readonly hosts: readonly string[];
  /** What a URL says about itself; null for each part that it does not name. Takes any URL, of other vendors too. */
  read(url: URL): StreamUrlParts;
}

/** One of the two credentials of an account: what it is called, and what it looks like. */
export interface CredentialForm {
  /** The environment variable's name after the vendor's prefix: `APP_KEY` in `HIKVISION_APP_KEY`. */
  readonly variable: string;
  /** The field of an account in `camlease.yml`. */
  readonly field: string;
  /** What is wrong with a value, as the end of the sentence "NAME …"; null: nothing. Never repeats the value. Absent: any text is taken. */
  readonly mistake?: (value: string) => string | null;
}

/** How an account of a vendor stands in the settings. */
export interface AccountForm {
  /** The name of the account that the environment gives. */
  readonly name: string;
  /** The first word of its environment variables. */
  readonly prefix: string;
  /** Names the account at the vendor, which counts calls by it. */
  readonly key: CredentialForm;
  readonly secret: CredentialForm;
}

/** What the floors beside `cloud` need to know of a vendor. Its module in `cloud` is the only place that says it. */
export interface VendorFacts {
  /** The vendor's word in documents, settings and the API. */
  readonly name: CloudVendor;
  /** What people and other programs call it in documents: lower-case letters and digits alone. */
  readonly otherNames: readonly string[];
  /** Suffixes of the hosts of its API; a reply may name only these for later calls. */
  readonly apiHosts: readonly string[];
  readonly liveUrls: LiveUrlForm;
  readonly accounts: AccountForm;
}

const NOTHING_KNOWN: StreamUrlParts = {
  expiresAt: null,
  urlId: null,
  deviceSerial: null,
  channel: null,
  quality: null,
};

/** All vendors that this installation knows, and the hosts of `CLOUD_EXTRA_HOSTS`, which may stand for any of them. */
export class Vendors {
  readonly all: readonly VendorFacts[];
  readonly extraHosts: readonly string[];
  readonly #forms: readonly LiveUrlForm[];
  readonly #streamHosts: readonly string[];
  readonly #byWord: ReadonlyMap<string, CloudVendor>;

  constructor(all: readonly VendorFacts[], extraHosts: readonly string[]) {
    this.all = all;
    this.extraHosts = extraHosts;
    this.#forms = [...new Set(all.map(({ liveUrls }) => liveUrls))];
    this.#streamHosts = this.#forms.flatMap(({ hosts }) => hosts);
    this.#byWord = new Map(
      all.flatMap(({ name, otherNames }) => [name, ...otherNames].map((word) => [word, name] as const)),
    );
  }

  get names(): readonly CloudVendor[] {
    return this.all.map(({ name }) => name);
  }

  has(vendor: CloudVendor): boolean {
    return this.all.some(({ name }) => name === vendor);
  }

  /** The vendor that a person means by this word, in any spelling; null: none that we know. */
  byWord(word: string): CloudVendor | null {
    return this.#byWord.get(word.toLowerCase().replace(/[^a-z0-9]/g, '')) ?? null;
  }

  /** See `isApiUrlAllowed`. False for a vendor that is not known. */
  isApiUrlAllowed(url: string, vendor: CloudVendor): boolean {
    const { apiHosts = [] } = this.all.find(({ name }) => name === vendor) ?? {};
    return isApiUrlAllowed(url, apiHosts, this.extraHosts);
  }

  /** True when a live URL may be pulled: rtmp(s) on the media host of a vendor, or on one of `CLOUD_EXTRA_HOSTS`. */
  isStreamUrlAllowed(url: string): boolean {
    return isStreamUrlAllowed(url, this.#streamHosts, this.extraHosts);
  }

  /** True for a live URL of any kind (HLS, FLV, ezopen) on a vendor's host: it tells which camera it is of, and may not be pulled. */
  isOnVendorHost(url: string): boolean {
    return isOnHost(url, [...this.#streamHosts, ...this.extraHosts]);
  }

  /**
   * What a live URL says about itself, in any form in which `plainStreamUrl` takes it; null: the text is no URL. A URL on a
   * vendor's host is of that vendor's form. On any other host (a simulator's) the form that finds the most counts.
   */
  parseStreamUrl(text: string): StreamUrlParts | null {
    const url = streamUrlOf(text);
    if (url === null) return null;
    const own = this.#forms.filter(({ hosts }) => hasSuffix(url.hostname, hosts));
    const read = (own.length > 0 ? own : this.#forms).map((form) => form.read(url));
    return read.reduce((best, parts) => (found(parts) > found(best) ? parts : best), read[0] ?? NOTHING_KNOWN);
  }
}

function found(parts: StreamUrlParts): number {
  return Object.values(parts).filter((part) => part !== null).length;
}
