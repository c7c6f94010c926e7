import { ContainerModule } from 'inversify';
import { TOKENS } from 'polyfaas/di';
import { createAzureProvider } from './provider.ts';

/** Binds the Azure provider. */
export const providerModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(TOKENS.Provider)
    .toResolvedValue((parts) => createAzureProvider(parts), [TOKENS.ProviderParts])
    .inSingletonScope();
});
