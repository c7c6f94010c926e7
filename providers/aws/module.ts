import { ContainerModule } from 'inversify';
import { TOKENS } from 'polyfaas/di';
import { createAwsProvider } from './provider.ts';

/** Binds the AWS provider. */
export const providerModule: ContainerModule = new ContainerModule(({ bind }) => {
  bind(TOKENS.Provider)
    .toResolvedValue((parts) => createAwsProvider(parts), [TOKENS.ProviderParts])
    .inSingletonScope();
});
