/** The steps that make what a function app stands on, each a check-then-act: nothing is made twice. */
import type { Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import { insightsIds, placeOf, resourceId, storageIdOf, TYPE } from '../names.ts';
import type { FunctionSettings, PlatformSettings } from '../options.ts';
import type { SettingValue } from '../events/types.ts';
import { SETTING } from '../manifest.ts';
import { HOST } from '../setting-names.ts';
import { step } from './parts.ts';

/** Azure's built-in roles ("Azure built-in roles", Storage and Security). */
export const ROLE = {
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
} as const;

/** What the Functions host needs on the storage account that it works with. */
export const HOST_ROLES: readonly string[] = [
  ROLE.blobOwner,
  ROLE.queueContributor,
  ROLE.tableContributor,
];

const MAKING_SECONDS = 900;

export function foundationSteps(
  platform: PlatformSettings,
  target: Target,
  settings: FunctionSettings,
  options: { readonly adoptsPlan: boolean },
): readonly Step[] {
  const { subscriptionId, resourceGroup, ref } = target;
  const place = placeOf(ref, subscriptionId, platform);
  const { insights } = settings;
  const prepare = { phase: 'prepare', deadlineSeconds: MAKING_SECONDS } as const;
  // The step of the identity tells its ids to those behind it.
  const early: Target = { ...target, principalId: '', clientId: '' };
  return [
    step(early, {
      ...prepare,
      id: 'group',
      kind: 'ensure-group',
      title: `Have the resource group "${resourceGroup}" ready`,
      locks: [`group:${resourceGroup}`],
    }),
    step(early, {
      ...prepare,
      id: 'storage',
      kind: 'ensure-storage',
      title: `Have the storage account "${target.storageAccount}" ready`,
      input: {
        isGiven: settings.storageAccount !== null,
        sku: settings.zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS',
      },
    }),
    step(early, {
      ...prepare,
      id: 'identity',
      kind: 'ensure-identity',
      title: 'Have the identity ready',
      input: { isGiven: settings.identity !== null },
    }),
    step(target, {
      ...prepare,
      id: 'roles',
      kind: 'allow-sources',
      title: 'Let the function app use its storage',
      input: { roles: hostRoles(target) },
    }),
    ...(insights.kind === 'none'
      ? []
      : [
          step(target, {
            ...prepare,
            id: 'insights',
            kind: 'ensure-insights',
            title: 'Have Application Insights ready',
            input: {
              insights,
              ...insightsIds(
                ref,
                subscriptionId,
                resourceGroup,
                insights.kind === 'workspace' ? insights.workspaceId : null,
              ),
            },
            locks: [`insights:${resourceGroup}`],
          }),
        ]),
    ...(options.adoptsPlan
      ? []
      : [
          step(target, {
            ...prepare,
            id: 'plan',
            kind: 'ensure-plan',
            title: `Have the ${WORDS[settings.plan]} plan ready`,
            input: {
              planId: place.planId,
              sku: settings.planSku,
              zoneRedundant: settings.zoneRedundant,
            },
          }),
        ]),
  ];
}

const WORDS: Readonly<Record<FunctionSettings['plan'], string>> = {
  flex: 'Flex Consumption',
  consumption: 'Consumption',
  premium: 'Elastic Premium',
};

/** One role on one scope. JSON. */
export interface RoleNeed {
  readonly scope: string;
  readonly roleId: string;
}

export function hostRoles(target: Target): readonly RoleNeed[] {
  return HOST_ROLES.map((roleId) => ({ scope: storageIdOf(target), roleId }));
}

/** The app settings that do not change with versions and bindings. */
export function baseSettings(
  target: Target,
  settings: FunctionSettings,
): Readonly<Record<string, SettingValue>> {
  const { insights, plan } = settings;
  return {
    [`${HOST.storage}__credential`]: 'managedidentity',
    [`${HOST.storage}__clientId`]: target.clientId,
    [`${HOST.storage}__blobServiceUri`]: { $from: 'storage.blobEndpoint' },
    [`${HOST.storage}__queueServiceUri`]: { $from: 'storage.queueEndpoint' },
    [`${HOST.storage}__tableServiceUri`]: { $from: 'storage.tableEndpoint' },
    [HOST.disableHomepage]: 'true',
    [SETTING.clientId]: target.clientId,
    ...(insights.kind === 'none'
      ? {}
      : {
          [HOST.insights]: { $from: 'insights.connectionString' },
          [SETTING.workspace]: { $from: 'insights.workspace' },
        }),
    // Flex Consumption refuses them.
    ...(plan === 'flex' ? {} : { [HOST.extensionVersion]: '~4', [HOST.workerRuntime]: 'node' }),
  };
}

/** The settings of telemetry, where there is none. */
export function unwantedSettings({ insights }: FunctionSettings): readonly string[] {
  return insights.kind === 'none' ? [HOST.insights, SETTING.workspace] : [];
}

/** The vault, where its resource id is known; a name alone is looked up. */
export function vaultOf(keyVault: string): { readonly id: string | null; readonly name: string } {
  if (keyVault.startsWith('/')) return { id: keyVault, name: keyVault.split('/').at(-1) ?? '' };
  if (!keyVault.startsWith('https:')) return { id: null, name: keyVault };
  return { id: null, name: new URL(keyVault).hostname.split('.')[0] ?? '' };
}

export function isOwnIdentity({
  subscriptionId,
  resourceGroup,
  physicalName,
  identityId,
}: Target): boolean {
  const own = resourceId(subscriptionId, resourceGroup, TYPE.identity, physicalName);
  return own.toLowerCase() === identityId.toLowerCase();
}
