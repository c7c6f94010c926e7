/** The providers that come with the library, and any other that `adapters` names. */
export type ProviderName = 'local' | 'aws' | 'azure' | 'gcp' | 'vercel' | (string & {});
