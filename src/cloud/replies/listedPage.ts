import type { ListedCamera, ListedPage } from '../cloudApi.js';
import type { FreshPage, Identity } from './paging.js';

/** A camera that is listed in two areas or on two pages is one camera; the record that calls it online wins. */
export const CAMERA_IDENTITY: Identity<ListedCamera> = {
  keyOf: ({ deviceSerial, channel }) => `${deviceSerial}/${channel}`,
  isBetter: (later, former) => later.online === true && former.online !== true,
};

export function listedPage({ items, odd, short }: FreshPage<ListedCamera>): ListedPage {
  return { cameras: items, odd: odd.map((one) => ({ ...one, listing: 'cameras' })), ...(short && { short }) };
}
