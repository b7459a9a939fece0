import { z } from 'zod';

/**
 * A vendor's word. Which ones there are, this camlease's registry of vendors says: the API's document lists them, and a request
 * with another one is refused.
 */
export const vendorWord = z.string();
