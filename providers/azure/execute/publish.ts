/** Publishes a package that lies in the storage account: Azure takes it from there, and restarts the function app. */
import type { PlanKind } from '../model.ts';
import { oneDeploy } from './publish/one-deploy.ts';
import { runFromPackage } from './publish/run-from-package.ts';
import { publishBySlot } from './publish/slot.ts';
import type { Publisher } from './publish/types.ts';

const WAYS: Readonly<Record<PlanKind, Publisher>> = {
  flex: oneDeploy,
  consumption: runFromPackage,
  premium: publishBySlot,
};

/** What it keeps between two turns is its own. */
export const publish: Publisher = (azure, publication, call) =>
  WAYS[publication.plan](azure, publication, call);
