import { ServerlessError } from '../errors/index.ts';
import { withHiddenSecrets } from '../errors/inspection.ts';
import { redact } from '../errors/redact.ts';

/** What is none of our errors is nobody's answer: something is wrong with the adapter, or with the core. */
export function asOurs(
  error: unknown,
  { method, name, provider }: Readonly<Record<'method' | 'name' | 'provider', string>>,
): ServerlessError {
  if (ServerlessError.isInstance(error)) return error;
  const said = redact(error instanceof Error ? error.message : String(error));
  return withHiddenSecrets(
    new ServerlessError({
      code: 'UNKNOWN',
      provider,
      function: name,
      message: `${method} of "${name}" failed where it must not: ${said}. That is a defect of the adapter "${provider}", or of polyfaas: tell the authors, with the \`cause\` of this error.`,
      cause: error,
    }),
  );
}
