/** What may be set as a secret. */
import { secretNameProblem, ServerlessError } from 'polyfaas/spi';

/** @throws ServerlessError INVALID_ARGUMENT, without the value. */
export function checkSecret(name: unknown, value: unknown): void {
  const problem = secretNameProblem(name);
  // The name is not shown: a value passed in its place may be the secret.
  if (problem !== undefined) throw refused(`secrets.set(name, value): the name given ${problem}`);
  if (typeof value !== 'string') {
    throw refused(
      `secrets.set("${String(name)}", ...): the value has to be a string. Write JSON as text.`,
    );
  }
  if (value.includes('\0')) {
    throw refused(
      `secrets.set("${String(name)}", ...): the value has a NUL character, which no environment variable can hold. Leave it out, or write bytes as base64.`,
    );
  }
}

function refused(message: string): ServerlessError {
  return new ServerlessError({ code: 'INVALID_ARGUMENT', provider: 'local', message });
}
