/** The sizes of instances, which are those of the plan that a function is on. */
import type { Capabilities, NormalFunctionSpec } from 'polyfaas/spi';
import { functionSettings, type PlatformSettings } from './options.ts';

type MemoryRange = Capabilities['limits']['memoryMb'];

/** Megabytes of an instance, where the plan has one size ("Azure Functions hosting options"). */
const PLAN_MEMORY: Readonly<Record<string, number>> = {
  Y1: 1536,
  EP1: 3584,
  EP2: 7168,
  EP3: 14_336,
};

/** The capabilities of Flex Consumption, with the sizes of the other plans for functions that are on them. */
export function withMemoryOf(
  capabilities: Capabilities,
  platform: Pick<PlatformSettings, 'defaults'>,
): Capabilities {
  const { limits } = capabilities;
  const ofFlex: MemoryRange = {
    ...limits.memoryMb,
    note: 'Plan "premium" has larger instances: set providerOptions.azure.plan, and planSku.',
  };
  const of = (spec: NormalFunctionSpec): MemoryRange => {
    const { planSku } = functionSettings(spec, platform);
    const size = PLAN_MEMORY[planSku];
    return size === undefined ? ofFlex : onlySize(planSku, size);
  };
  return { ...capabilities, limits: { ...limits, memoryMb: { ...limits.memoryMb, of } } };
}

function onlySize(planSku: string, size: number): MemoryRange {
  const note = `Instances of ${planSku} have ${size} MB. Lower it, or choose another plan.`;
  return { min: size, max: size, steps: [size], note };
}
