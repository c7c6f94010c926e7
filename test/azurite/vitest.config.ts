/** Azure Storage's emulator and our fake of it: not part of `npm test`, since it installs the emulator. */
import { runOf } from '../support/run-of.ts';

export default runOf({ include: ['test/azurite/*.azurite.ts'] });
