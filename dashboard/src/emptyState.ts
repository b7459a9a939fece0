import { element } from './dom';

const KEYS = `HIKVISION_APP_KEY=…
HIKVISION_SECRET=…
# or, for EZVIZ
EZVIZ_APP_KEY=…
EZVIZ_SECRET=…`;

/** Says what the user can do when there is no camera to show. `isNarrowed`: a search or filter is active. */
export function emptyState(hasAccount: boolean, isNarrowed: boolean): readonly HTMLElement[] {
  if (isNarrowed) {
    return [element('h2', {}, 'No camera matches'), element('p', {}, 'Try another word, or show all cameras.')];
  }
  if (hasAccount) {
    return [
      element('h2', {}, 'No cameras yet'),
      element(
        'p',
        {},
        'An account is configured. Press “Find cameras” to list its cameras and lease a live picture for each.',
      ),
    ];
  }
  return [
    element('h2', {}, 'Give camlease the keys of your account'),
    element(
      'p',
      {},
      'Cameras are found through a vendor cloud: Hik-Connect for Teams or EZVIZ. Ask the vendor’s developer page for an app key and a secret, and put them into the file .env beside camlease:',
    ),
    element('pre', {}, KEYS),
    element(
      'p',
      {},
      'Start camlease again, then press “Find cameras”. The README shows where to find the keys of each vendor.',
    ),
  ];
}
