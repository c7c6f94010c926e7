/** The managed policy that bounds a role which is made. */
import type { IAM, Role } from '@aws-sdk/client-iam';
import type { CallContext } from 'polyfaas/spi';
import { unlessMissing } from '../replies.ts';

/** Null for none. */
export function boundaryOf(role: Role | undefined): string | null {
  return role?.PermissionsBoundary?.PermissionsBoundaryArn ?? null;
}

/** Puts the boundary around a role that is there, or takes it away. */
export async function setBoundary(
  iam: IAM,
  { roleName, boundaryArn }: { readonly roleName: string; readonly boundaryArn: string | null },
  call: CallContext,
): Promise<void> {
  const role = { RoleName: roleName };
  const http = { abortSignal: call.signal };
  if (boundaryArn === null) {
    await unlessMissing(iam.deleteRolePermissionsBoundary(role, http));
    return;
  }
  await iam.putRolePermissionsBoundary({ ...role, PermissionsBoundary: boundaryArn }, http);
}
