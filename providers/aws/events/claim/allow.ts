/** What the loser of a race wrote into the role may have been all that its own events need, and none of the winner's. */
import type { Binding, CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import { putPolicy, readOwn, readPolicy } from '../../execute/role.ts';
import type { Target } from '../../model.ts';
import { covers, merged } from '../../policy/document.ts';
import { POLICY } from '../../policy/names.ts';
import { ifReadable } from '../../replies.ts';
import { eventStatements } from '../statements.ts';

/** Has the role allow again what these bindings need. A role of the user's is the user's to change. */
export async function allowAgain(
  aws: AwsClients,
  target: Target,
  { bindings, roleArn }: { readonly bindings: readonly Binding[]; readonly roleArn: string },
  call: CallContext,
): Promise<void> {
  const needed = eventStatements({ target, bindings });
  if (needed.length === 0) return;
  const iam = await aws.iam();
  const roleName = roleArn.split('/').at(-1) ?? '';
  if ((await ifReadable(readOwn(iam, target, roleName, call))) === undefined) return;
  const present = await readPolicy(iam, roleName, POLICY.events, call);
  if (covers(present, needed)) return;
  await putPolicy(iam, roleName, POLICY.events, merged(present, needed), call);
}
