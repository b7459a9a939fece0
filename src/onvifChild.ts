import process from 'node:process';
import type { SearchOrder } from './lists/onvif/search.js';
import { search } from './lists/onvif/search.js';
import { systemClock } from './systemClock.js';

// The entry of the process that searches the local network: it reads what strangers send, may crash, and is ended by its parent.
process.once('message', (order) => {
  // Only the parent can send to it.
  void search(order as SearchOrder, systemClock).then((found) => process.send?.({ found }));
});
