/** The package and its set-up as users get them: half a minute, and a part of `npm run check`. */
import { runOf } from '../support/run-of.ts';

export default runOf({ include: ['test/packaging-checks/*.check.ts'] });
