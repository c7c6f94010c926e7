/** What depends on the version of Node, and takes too long for every run of the tests: `npm run test:nodes`. */
import { runOf } from '../support/run-of.ts';

export default runOf({ include: ['test/**/*.{test,nodes}.ts'] });
