/**
 * What belongs to the service and to no version: no build, and no new revision. After a change that failed, what the
 * service tells of itself is only what was wished; then it is written again.
 */
import { sameJson, type JsonObject } from 'polyfaas/spi';
import { ingressInCloudRun, isReachedFrom } from '../ingress.ts';
import { isReserved } from '../labels.ts';
import type { Executor } from '../model.ts';
import type { IngressInput, LabelsInput, ScaleInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { changeService, type PresentService } from './service.ts';

/** Instances that are kept ready. */
export const scaleService: Executor = (gcp, step, call) => {
  const { service, minInstances } = inputOf<ScaleInput>(step);
  return change(gcp, call, {
    service,
    mask: 'scaling.minInstanceCount',
    stage: 'scaling the service',
    isSo: (present) => present.minInstances === minInstances,
    body: () => ({ scaling: { minInstanceCount: minInstances } }),
  });
};

/** From where it can be reached. */
export const setIngress: Executor = (gcp, step, call) => {
  const { service, ingress } = inputOf<IngressInput>(step);
  return change(gcp, call, {
    service,
    mask: 'ingress',
    stage: 'setting from where the service is reached',
    isSo: ({ ingressText }) => isReachedFrom(ingressText, ingress),
    body: () => ({ ingress: ingressInCloudRun(ingress) }),
  });
};

/** The labels of the service, which its costs are told by; those of Google's own stay. */
export const setLabels: Executor = (gcp, step, call) => {
  const { service, tags } = inputOf<LabelsInput>(step);
  return change(gcp, call, {
    service,
    mask: 'labels',
    stage: 'labelling the service',
    isSo: ({ labels }) => sameJson(tagsIn(labels), tags),
    body: ({ labels }) => ({ labels: { ...reservedIn(labels), ...tags } }),
  });
};

interface Setting {
  readonly service: string;
  readonly mask: string;
  readonly stage: string;
  readonly isSo: (present: PresentService) => boolean;
  readonly body: (present: PresentService) => JsonObject;
}

async function change(
  gcp: Parameters<Executor>[0],
  call: Parameters<Executor>[2],
  { service, mask, stage, isSo, body }: Setting,
): ReturnType<Executor> {
  const found = await changeService(gcp, call, {
    service,
    mask,
    stage,
    wish: (present) => (isSo(present) && !present.hasFailed ? undefined : body(present)),
  });
  return 'done' in found ? found : { done: true };
}

type Texts = Readonly<Record<string, string>>;

function tagsIn(labels: Texts): Texts {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isReserved(key)));
}

function reservedIn(labels: Texts): Texts {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => isReserved(key)));
}
