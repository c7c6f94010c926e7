/** Whether a zip that others built holds what its handler names: nothing of it is called before it is live. */
import { ServerlessError } from 'polyfaas/spi';
import type { Executor } from '../model.ts';
import { inputOf } from '../step-input.ts';

/** What the runtime of Node looks for, in this order. */
const ENDINGS = ['', '.js', '.mjs', '.cjs'];

/** Only looks. */
export const checkHandler: Executor = async (_aws, step, call) => {
  const { target, artifactDigest, handler } = inputOf<{
    artifactDigest: string;
    handler: string;
  }>(step);
  const module = moduleOf(handler);
  const artifact = await call.artifacts.get(artifactDigest);
  const files = await artifact.files();
  const isThere = files.some(
    ({ path }) =>
      path.startsWith(`${module}/`) || ENDINGS.some((ending) => path === `${module}${ending}`),
  );
  if (isThere) return { done: true };
  const names = ENDINGS.slice(1).map((ending) => `"${module}${ending}"`);
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    function: target.ref.name,
    message: `functions.${target.ref.name}.providerOptions.aws.handler: "${handler}" names a file that the zip does not hold: ${names.join(', ')}. Name another handler, or make the zip with the file.`,
  });
};

/** `dist/orders.main.handler` is the export `main.handler` of `dist/orders`. */
function moduleOf(handler: string): string {
  const from = handler.lastIndexOf('/') + 1;
  const dot = handler.indexOf('.', from);
  return (dot === -1 ? handler : handler.slice(0, dot)).replace(/^\.\//, '');
}
