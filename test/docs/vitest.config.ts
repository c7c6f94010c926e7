/** The documentation, run as a reader runs it: half a minute, and a part of `npm run check`. */
import { runOf } from '../support/run-of.ts';

export default runOf({ include: ['test/docs/*.docs.ts'] });
