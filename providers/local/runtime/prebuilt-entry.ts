/** The handler of a zip that another build made: it has no entry of ours, so one is made here. */
import { bindHandler } from 'polyfaas/function';
import { createEntry, type LocalEntry } from '../shim.ts';

/**
 * @param module as it was loaded. The export `polyfaas` is its handler, then `default`, then `handler`.
 * @throws HandlerContractError when none of them is one.
 */
export function prebuiltEntry(module: Readonly<Record<string, unknown>>): LocalEntry {
  const { polyfaas, ...rest } = module;
  const named = polyfaas === undefined ? rest : { ...rest, default: polyfaas };
  return createEntry(bindHandler(named)).polyfaas;
}
