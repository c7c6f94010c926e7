import { ContainerModule } from 'inversify';
import { TOKENS } from 'polyfaas/di';
import { createVercelProvider } from './provider.ts';

/** Binds the Vercel provider. */
export const providerModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(TOKENS.Provider)
    .toResolvedValue((parts) => createVercelProvider(parts), [TOKENS.ProviderParts])
    .inSingletonScope();
});
