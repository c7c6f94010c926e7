/** The step that makes the function app, and the one that opens the vault to it. */
import type { Step } from 'polyfaas/spi';
import type { AzureObserved, Target } from '../model.ts';
import { ownershipTags, sameId, type Place } from '../names.ts';
import type { FunctionSettings } from '../options.ts';
import { TAG } from '../record.ts';
import { ROLE, isOwnIdentity, vaultOf } from './foundation.ts';
import { step } from './parts.ts';
import type { ScaleWish } from './wish.ts';

export function siteStep(
  target: Target,
  place: Place,
  parts: {
    readonly settings: FunctionSettings;
    readonly scale: ScaleWish;
    readonly observed: AzureObserved;
    /** Those that it was brought into, or may have been. */
    readonly subnets: readonly string[];
    readonly adopt: boolean;
  },
): Step {
  const { settings, scale, observed, subnets, adopt } = parts;
  const left = subnets.find((one) => sameId(one, observed.subnetId ?? '')) ?? subnets[0];
  return step(target, {
    id: 'site',
    kind: 'ensure-site',
    phase: 'publish',
    title: observed.site === null ? 'Create the function app' : 'Set the function app up',
    input: {
      plan: settings.plan,
      // A plan is for one app, and an app stays on its plan.
      planId: observed.site?.serverFarmId || place.planId,
      scale,
      containerUrl: { $from: 'storage.containerUrl' },
      updateStrategy: settings.updateStrategy,
      vnetSubnetId: settings.vnetSubnetId,
      // One that somebody else chose is not left.
      formerSubnetId: settings.vnetSubnetId === null ? (left ?? null) : null,
      tags: {
        ...ownershipTags(target.ref),
        ...(settings.storageAccount === null ? {} : { [TAG.storage]: settings.storageAccount }),
      },
      adopt,
      base: {
        blobEndpoint: { $from: 'storage.blobEndpoint' },
        queueEndpoint: { $from: 'storage.queueEndpoint' },
        tableEndpoint: { $from: 'storage.tableEndpoint' },
      },
    },
    deadlineSeconds: 600,
  });
}

/** An identity of the user's own gets its roles from the user. */
export function vaultStep(target: Target, keyVault: string): readonly Step[] {
  if (!isOwnIdentity(target)) return [];
  return [
    step(target, {
      id: 'vault',
      kind: 'open-vault',
      phase: 'prepare',
      title: `Let the function read secrets of "${vaultOf(keyVault).name}"`,
      input: { vault: vaultOf(keyVault), roleId: ROLE.secretsUser },
    }),
  ];
}
