import { ContainerModule } from 'inversify';
import { Engine } from '../engine/engine.ts';
import { withStandardLayers } from '../layers/index.ts';
import { Manager } from '../manager/manager.ts';
import { checkedPlans } from './checked-plans.ts';
import { quietLog } from './quiet-log.ts';
import { TOKENS } from './tokens.ts';

/** How the parts of the core stand on each other. */
export const coreModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(TOKENS.LayeredProvider)
    .toResolvedValue(
      (provider, settings, telemetry, clock) => ({
        ...withStandardLayers(provider, settings.limits, telemetry, settings.hasOthers, clock),
        plan: checkedPlans(provider),
      }),
      [TOKENS.Provider, TOKENS.Settings, TOKENS.Telemetry, TOKENS.Clock],
    )
    .inSingletonScope();
  bind(TOKENS.Engine)
    .toResolvedValue(
      (provider, clock, random, log, artifacts) =>
        // A module may have replaced the log.
        new Engine({ provider, clock, random, log: quietLog(log), artifacts }),
      [TOKENS.LayeredProvider, TOKENS.Clock, TOKENS.Random, TOKENS.Log, TOKENS.Packager],
    )
    .inSingletonScope();
  bind(TOKENS.Manager)
    .toResolvedValue(
      (engine, packager, settings, telemetry) => new Manager(engine, packager, settings, telemetry),
      [TOKENS.Engine, TOKENS.Packager, TOKENS.Settings, TOKENS.Telemetry],
    )
    .inSingletonScope();
});
