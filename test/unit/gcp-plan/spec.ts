import { normalizeFunction } from '../../../src/spec/normalize.ts';
import type { FunctionSpecBase } from '../../../src/spec/types.ts';
import type { NormalFunctionSpec } from 'polyfaas/spi';
import { platformSettings, type PlatformSettings } from '../../../providers/gcp/options.ts';

/** A declaration in its normal form. */
export function specOf(declared: FunctionSpecBase = {}, name = 'orders'): NormalFunctionSpec {
  return normalizeFunction(name, { ...declared, entry: './orders.ts' }).spec;
}

export function platformOf(options: object = {}): PlatformSettings {
  return platformSettings({ projectId: 'shop-project', ...options }, 'eu-central', {});
}
