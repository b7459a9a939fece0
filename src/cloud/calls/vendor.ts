import type { VendorFacts } from '../../core/camera/vendors.js';
import type { CloudApi, CloudWords } from '../cloudApi.js';
import type { ErrorTable } from '../replies/errorTable.js';
import type { CloudProtocol } from '../replies/protocol.js';
import type { CloudAccount } from './account.js';

/** Everything of one vendor's cloud. A vendor is one value of this type, in a folder of its own, and one line of the registry. */
export interface Vendor extends VendorFacts {
  /** The vendor's name for people. */
  readonly title: string;
  readonly protocol: CloudProtocol;
  /** The codes of its cloud, for `docs/cloud-errors.md`, and what a reader has to know of codes that are not in it. */
  readonly errors: ErrorTable;
  readonly otherCodes: string;
  readonly words: CloudWords;
  /** The client of one account. `extraHosts`: hosts that live URLs may be on besides the vendor's own. */
  readonly client: (account: CloudAccount, extraHosts: readonly string[]) => CloudApi;
}
