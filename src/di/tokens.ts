import type { ServiceIdentifier } from 'inversify';
import type { Engine } from '../engine/engine.ts';
import type { Layer } from '../layers/layer.ts';
import type { ManagerSettings, Packager } from '../manager/settings.ts';
import type { ProviderParts, ServerlessManager } from '../manager/types.ts';
import type { Clock, Random } from '../spi/clock.ts';
import type { CoreLog, ServerlessProvider } from '../spi/provider.ts';

/** What the container holds, typed. Rebind one to replace it. */
export interface Tokens {
  readonly Clock: ServiceIdentifier<Clock>;
  readonly Random: ServiceIdentifier<Random>;
  readonly Log: ServiceIdentifier<CoreLog>;
  /** What a provider is made from. */
  readonly ProviderParts: ServiceIdentifier<ProviderParts>;
  /** The adapter, bare: what a provider's module binds. */
  readonly Provider: ServiceIdentifier<ServerlessProvider>;
  readonly Telemetry: ServiceIdentifier<Layer | undefined>;
  /** The adapter with its layers on. */
  readonly LayeredProvider: ServiceIdentifier<ServerlessProvider>;
  readonly Settings: ServiceIdentifier<ManagerSettings>;
  readonly Packager: ServiceIdentifier<Packager>;
  readonly Engine: ServiceIdentifier<Engine>;
  readonly Manager: ServiceIdentifier<ServerlessManager>;
}

export const TOKENS: Tokens = {
  Clock: Symbol.for('polyfaas.Clock'),
  Random: Symbol.for('polyfaas.Random'),
  Log: Symbol.for('polyfaas.Log'),
  ProviderParts: Symbol.for('polyfaas.ProviderParts'),
  Provider: Symbol.for('polyfaas.Provider'),
  Telemetry: Symbol.for('polyfaas.Telemetry'),
  LayeredProvider: Symbol.for('polyfaas.LayeredProvider'),
  Settings: Symbol.for('polyfaas.Settings'),
  Packager: Symbol.for('polyfaas.Packager'),
  Engine: Symbol.for('polyfaas.Engine'),
  Manager: Symbol.for('polyfaas.Manager'),
};
