import { ContainerModule } from 'inversify';
import { TOKENS } from 'polyfaas/di';
import { createLocalProvider } from './provider.ts';

/** Binds the local provider. */
export const providerModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(TOKENS.Provider)
    .toResolvedValue((parts) => createLocalProvider(parts), [TOKENS.ProviderParts])
    .inSingletonScope();
});
