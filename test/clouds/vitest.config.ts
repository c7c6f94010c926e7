/** What is one cloud's own, beyond the contract: a run of its own, so that the tests of all of them take minutes. */
import { CLOUDS, FAKES } from '../../vitest.config.ts';
import { runOf } from '../support/run-of.ts';

export default runOf({ include: CLOUDS, exclude: ['**/node_modules/**', ...FAKES] });
