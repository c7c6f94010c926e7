import type { Engine } from '../../engine/engine.ts';
import type { ManagerSettings, Packager } from '../settings.ts';

/** What every operation stands on. */
export interface OperationParts {
  readonly engine: Engine;
  readonly packager: Packager;
  readonly settings: ManagerSettings;
}
