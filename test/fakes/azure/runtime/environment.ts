import type { HostSetup, World } from '../core/ports.ts';

/** All variables of an instance: the app settings, and what Azure sets by itself. */
export function environmentOf(
  world: World,
  setup: HostSetup,
  instanceId: string,
): Readonly<Record<string, string>> {
  const [, , , , resourceGroup = ''] = setup.siteId.split('/');
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: '/home',
    FUNCTIONS_EXTENSION_VERSION: '~4',
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    WEBSITE_SITE_NAME: setup.siteName,
    WEBSITE_HOSTNAME: `${setup.siteName}.azurewebsites.net`,
    ...setup.settings,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_INSTANCE_ID: instanceId,
    WEBSITE_RESOURCE_GROUP: resourceGroup,
    REGION_NAME: setup.region,
    // Where the site's managed identities get their tokens. Absent when it has none.
    ...(Object.keys(setup.identities).length > 0 && {
      IDENTITY_ENDPOINT: `${world.planes.identity}/msi/token`,
      IDENTITY_HEADER: world.identity.headerFor(setup.identities),
    }),
  };
}
