import type { FunctionRef } from 'polyfaas/spi';

export function isSameFunction(one: Partial<FunctionRef>, other: Partial<FunctionRef>): boolean {
  return one.app === other.app && one.stage === other.stage && one.name === other.name;
}
