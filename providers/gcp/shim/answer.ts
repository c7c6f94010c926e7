/** What our own paths answer. */
import { bareAnswer } from 'polyfaas/http';
import { STATUS } from '../manifest.ts';

export {
  bareAnswer as bare,
  errorAnswer as plain,
  type ServerAnswer as Answer,
} from 'polyfaas/http';

/** Acknowledged: done, not wanted, or given up. */
export const DONE = bareAnswer(STATUS.ok);
/** Acknowledged: it comes again from the binding's own topic. */
export const RELAYED = bareAnswer(STATUS.relayed);
/** To be delivered again. */
export const AGAIN = bareAnswer(STATUS.failed);
export const TOO_SLOW = bareAnswer(STATUS.timedOut);
