/** The tests against moto: not part of `npm test`, since they need Python and its packages. */
import { runOf } from '../support/run-of.ts';

export default runOf({
  include: ['test/moto/**/*.moto.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
});
