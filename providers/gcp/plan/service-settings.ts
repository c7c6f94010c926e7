/** The steps that set what belongs to the service, and to no version of it. */
import type { Step } from 'polyfaas/spi';
import type { Ingress } from '../ingress.ts';
import type { Target } from '../model.ts';
import { STEP, type IngressInput, type LabelsInput, type ScaleInput } from '../steps.ts';
import { serviceLock } from './locks.ts';
import { step } from './parts.ts';

const SERVICE_SECONDS = 600;

export function scaleStep(target: Target, minInstances: number): Step {
  const input: ScaleInput = { service: target.serviceName, minInstances };
  return serviceStep(target, {
    id: 'scale',
    kind: STEP.scale,
    title: `Keep ${minInstances} instances ready`,
    input,
  });
}

export function ingressStep(target: Target, ingress: Ingress): Step {
  const input: IngressInput = { service: target.serviceName, ingress };
  return serviceStep(target, {
    id: 'ingress',
    kind: STEP.ingress,
    title: INGRESS_TITLES[ingress],
    input,
  });
}

const INGRESS_TITLES: Readonly<Record<Ingress, string>> = {
  ALLOW_ALL: 'Let the service be reached from everywhere',
  ALLOW_INTERNAL_ONLY: 'Let the service be reached from inside only',
  ALLOW_INTERNAL_AND_GCLB: 'Let the service be reached from inside and over load balancers only',
};

export function labelsStep(target: Target, tags: Readonly<Record<string, string>>): Step {
  const input: LabelsInput = { service: target.serviceName, tags };
  return serviceStep(target, {
    id: 'labels',
    kind: STEP.labels,
    title: 'Label the service',
    input,
  });
}

function serviceStep(
  target: Target,
  parts: Pick<Step, 'id' | 'kind' | 'title'> & { readonly input: object },
): Step {
  return step(target, {
    ...parts,
    phase: 'bind',
    locks: [serviceLock(target)],
    deadlineSeconds: SERVICE_SECONDS,
  });
}
