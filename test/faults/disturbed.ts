import type { ContractFaults, FaultKind } from 'polyfaas/contract';

/** Does the work with the call number `call` going wrong. False when the work came to its end all the same. */
export async function disturbed(
  faults: ContractFaults,
  fault: { readonly call: number; readonly kind: FaultKind },
  work: () => Promise<unknown>,
): Promise<boolean> {
  faults.arm(fault);
  try {
    await work();
    return false;
  } catch {
    return true;
  } finally {
    faults.disarm();
  }
}
