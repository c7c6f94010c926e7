/** What one of several targets can never do is refused before any of them is changed. */
import { ServerlessError, type ErrorCode } from '../errors/index.ts';
import { statusText } from './fan-out.ts';

/** What no repeat makes right. Whatever else goes wrong, the operation itself meets again, and does what it can. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['UNSUPPORTED', 'INVALID_ARGUMENT']);

/**
 * Asks every target for its plan first.
 *
 * @throws ServerlessError with the code of the first target that refuses, when one does; nothing was changed on any.
 */
export async function refuseBefore<Target>(
  targets: ReadonlyMap<string, Target>,
  about: { readonly operation: string; readonly name: string },
  plan: (target: Target) => Promise<unknown>,
): Promise<void> {
  const asked = await Promise.all(
    [...targets].map(async ([id, target]) => ({
      id,
      refusal: await plan(target).then(() => undefined, refusalOf),
    })),
  );
  const refused = asked.flatMap(({ id, refusal }) => (refusal ? [{ id, refusal }] : []));
  const [first] = refused;
  if (first === undefined) return;
  const { code, function: functionName, details } = first.refusal;
  // All say the same: then it is no matter of a target.
  const isWrong = new Set(refused.map(({ refusal }) => statusText(refusal))).size === 1;
  if (isWrong && refused.length === targets.size) throw first.refusal;
  const lines = refused.map(({ id, refusal }) => `  ${id}: ${statusText(refusal)}`).join('\n');
  throw new ServerlessError({
    code,
    provider: first.id,
    function: functionName ?? about.name,
    message: `${about.operation} of "${about.name}" is not possible on every target, so nothing was changed on any. Declare what all of them can do, or deploy to one with manager.target('...').\n${lines}`,
    details: {
      ...details,
      targets: Object.fromEntries(refused.map(({ id, refusal }) => [id, statusText(refusal)])),
    },
    cause: first.refusal,
  });
}

function refusalOf(error: unknown): ServerlessError | undefined {
  return ServerlessError.isInstance(error) && FINAL.has(error.code) ? error : undefined;
}
