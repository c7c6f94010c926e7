/** The schema of the settings. */
import { isLoopback } from 'polyfaas/spi';
import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { isOwnSetting } from '../setting-names.ts';

const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || isLoopback(url),
    'must begin with "https:". "http:" is for this machine alone (127.0.0.1, localhost).',
  );

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A resource id of one type, such as `Microsoft.Storage/storageAccounts`. */
const resourceId = (type: string) =>
  z
    .string()
    .regex(
      new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${type}/[^/]+$`, 'i'),
      `the resource id of a ${type}: "/subscriptions/.../resourceGroups/.../providers/${type}/NAME"`,
    );

const nameOrId = (type: string, name: RegExp, rule: string) =>
  z.union([z.string().regex(name, rule), resourceId(type)], {
    error: `a name (${rule}), or the resource id of a ${type}`,
  });

const STORAGE = 'Microsoft.Storage/storageAccounts';
const storageAccount = nameOrId(STORAGE, /^[a-z0-9]{3,24}$/, '3 to 24 of a-z 0-9');
const namespace = (type: string) =>
  nameOrId(type, /^[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]$/, '6 to 50 of A-Z a-z 0-9 -');
const workspaceId = resourceId('Microsoft.OperationalInsights/workspaces');

const functionShape = {
  plan: z.enum(['flex', 'consumption', 'premium']).optional(),
  planSku: z.enum(['EP1', 'EP2', 'EP3']).optional(),
  identity: resourceId('Microsoft.ManagedIdentity/userAssignedIdentities').optional(),
  storageAccount: z
    .string()
    .regex(
      /^[a-z0-9]{3,24}$/,
      'the name of a storage account in the resource group: 3 to 24 of a-z 0-9',
    )
    .optional(),
  keyVault: z
    .union(
      [
        z.string().regex(/^[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]$/),
        z.string().regex(/^https:\/\/[A-Za-z0-9-]{3,24}\.vault\.[a-z0-9.-]+\/?$/),
        resourceId('Microsoft.KeyVault/vaults'),
      ],
      {
        error:
          'the name of a vault ("my-vault"), its URI ("https://my-vault.vault.azure.net"), or its resource id',
      },
    )
    .optional(),
  applicationInsights: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          connectionString: z
            .string()
            .regex(/InstrumentationKey=/, 'a connection string, with "InstrumentationKey=" in it')
            .optional(),
          workspaceId: workspaceId.optional(),
        }),
      ],
      { error: 'true, false, or an object with `connectionString` or `workspaceId`' },
    )
    .optional(),
  siteUpdateStrategy: z.enum(['recreate', 'rolling']).optional(),
  invokeKeyId: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 of a-z 0-9 -, not beginning with "-"')
    .optional(),
  vnetSubnetId: z
    .string()
    .regex(
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i,
      'the resource id of a subnet',
    )
    .optional(),
  zoneRedundant: z.boolean().optional(),
  appSettings: z
    .record(
      z
        .string()
        // App Service on Linux: names are those of environment variables; `__` stands for a level.
        .regex(
          /^[A-Za-z_][A-Za-z0-9_.]*$/,
          'is no name of a setting: letters, digits, "_" and ".", not beginning with a digit or ".". Rename it.',
        )
        .refine(
          (name) => !isOwnSetting(name),
          'is set by polyfaas itself. Choose another name, or use the option for it.',
        ),
      z.string(),
    )
    .superRefine((settings, context) => {
      const seen = new Map<string, string>();
      for (const name of Object.keys(settings)) {
        const other = seen.get(name.toUpperCase());
        seen.set(name.toUpperCase(), name);
        if (other === undefined) continue;
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `"${name}" and "${other}" differ in their case only, which to Azure is the same setting. Leave one of them out.`,
        });
      }
    })
    .optional(),
  premium: z
    .strictObject({
      minimumInstances: z.int().min(1).max(20).optional(),
      preWarmedInstances: z.int().min(0).max(20).optional(),
    })
    .optional(),
};

const platformShape = {
  subscriptionId: z.string().regex(GUID, 'the id of a subscription, a GUID').optional(),
  resourceGroup: z
    .string()
    .regex(
      /^[\w.()-]{0,89}[\w()-]$/,
      '1 to 90 of letters, digits and _ . ( ) -, with no dot at the end',
    )
    .optional(),
  credential: z
    .custom<TokenCredential>(
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        'getToken' in value &&
        typeof value.getToken === 'function',
      'must be a credential: an object with `getToken`, such as those of @azure/identity.',
    )
    .optional(),
  endpoint: serviceUrl.optional(),
  logsEndpoint: serviceUrl.optional(),
  cloud: z.enum(['public', 'usgov', 'china']).optional(),
  siteNames: z
    .record(
      z.string(),
      z
        .string()
        .regex(
          /^(?=.{2,32}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])$/,
          '2 to 32 of a-z 0-9 -, with no dash at the ends: the Functions host tells apps apart by their first 32 characters',
        ),
    )
    .refine(
      (names) => new Set(Object.values(names)).size === Object.keys(names).length,
      'gives two functions one name; each needs a function app of its own.',
    )
    .optional(),
  queues: z.enum(['storage', 'servicebus']).optional(),
  storageAccountForEvents: storageAccount.optional(),
  serviceBusNamespace: namespace('Microsoft.ServiceBus/namespaces').optional(),
  eventHubsNamespace: namespace('Microsoft.EventHub/namespaces').optional(),
  cosmosAccount: nameOrId(
    'Microsoft.DocumentDB/databaseAccounts',
    /^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/,
    '3 to 44 of a-z 0-9 -',
  ).optional(),
  cosmosDatabase: z
    .string()
    .regex(/^[^/\\#?]{1,255}$/, '1 to 255 characters without / \\ # ?')
    .optional(),
  eventGridTopics: z
    .record(
      z.string(),
      nameOrId('Microsoft.EventGrid/topics', /^[A-Za-z0-9-]{3,50}$/, '3 to 50 of A-Z a-z 0-9 -'),
    )
    .optional(),
};

export const functionSchema = z.strictObject(functionShape);

export const platformSchema = z.strictObject({ ...functionShape, ...platformShape });
