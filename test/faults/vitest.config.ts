/**
 * What goes wrong: at every call in turn, on the way to the clouds and to the disk, in each step of a plan, in packages
 * that do not start, by the hands of others, and when the power goes. Minutes for each, so it is a run of its own.
 */
import { runOf } from '../support/run-of.ts';

export default runOf({ include: ['test/**/*.faults.ts'], testTimeout: 900_000 });
