/** What an adapter throws where it talks to nobody is a defect of its own, and told as one. */
import { ServerlessError } from '../errors/index.ts';
import { withHiddenSecrets } from '../errors/inspection.ts';
import { redact } from '../errors/redact.ts';
import { textOf } from '../errors/text-of.ts';
import { withoutSecrets } from '../errors/without-secrets.ts';

/** @param member what of the adapter is asked, such as `validate`. */
export function defectsTold<Value>(provider: string, member: string, act: () => Value): Value {
  try {
    return act();
  } catch (cause) {
    if (ServerlessError.isInstance(cause)) throw withHiddenSecrets(withoutSecrets(cause));
    const said = redact(textOf(cause));
    throw withHiddenSecrets(
      new ServerlessError({
        code: 'UNKNOWN',
        provider,
        message: `The adapter "${provider}" failed in ${member}: ${said}. That is a defect of the adapter, and nothing was sent: tell its authors, with the \`cause\` of this error.`,
        cause,
      }),
    );
  }
}
