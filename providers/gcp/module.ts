import { ContainerModule } from 'inversify';
import { TOKENS } from 'polyfaas/di';
import { createGcpProvider } from './provider.ts';

/** Binds the Google Cloud provider. */
export const providerModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(TOKENS.Provider)
    .toResolvedValue((parts) => createGcpProvider(parts), [TOKENS.ProviderParts])
    .inSingletonScope();
});
