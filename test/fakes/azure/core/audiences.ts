/** The resources that tokens are issued for. */

/** What Microsoft Entra ID knows besides the audiences' own names. */
const ALIASES: Readonly<Record<string, string>> = {
  'https://management.core.windows.net': 'https://management.azure.com',
};

const KNOWN = new Set([
  'https://management.azure.com',
  'https://storage.azure.com',
  'https://vault.azure.net',
  'https://servicebus.azure.net',
  'https://eventhubs.azure.net',
  'https://eventgrid.azure.net',
  'https://cosmos.azure.com',
  'https://monitor.azure.com',
  'https://api.loganalytics.io',
  'https://api.applicationinsights.io',
]);

/** The audience of a resource (`https://vault.azure.net/`), or of a scope (`https://vault.azure.net/.default`). */
export function audienceOf(resourceOrScope: string): string | undefined {
  const bare = resourceOrScope
    .toLowerCase()
    .replace(/\/\.default$/, '')
    .replace(/\/+$/, '');
  // A token for one storage account is as good as one for storage.
  if (/^https:\/\/[a-z0-9]+\.(?:blob|queue|table)\.core\.windows\.net$/.test(bare)) {
    return 'https://storage.azure.com';
  }
  const audience = ALIASES[bare] ?? bare;
  return KNOWN.has(audience) ? audience : undefined;
}
