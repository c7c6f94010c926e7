/** Whether the fakes are like the clouds, and the contract notices what is wrong: a run of its own, for what changes rarely. */
import { FAKES } from '../../vitest.config.ts';
import { runOf } from '../support/run-of.ts';

export default runOf({ include: FAKES, exclude: ['**/node_modules/**'] });
