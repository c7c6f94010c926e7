/** The rules for names that users give. Each function answers what is wrong, or undefined. */

const FUNCTION_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
const SLUG = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const BINDING_ID = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const PACKAGE_NAME =
  /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(?:\/[A-Za-z0-9_-]+)*$/;
const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9/_.@+=-]{0,127}$/;
const RESERVED_ENV_PREFIX = 'POLYFAAS_';
const RESERVED_TAG_PREFIX = 'polyfaas-';

/** The providers that come with the library. */
export const BUILT_IN_PROVIDERS: readonly string[] = ['local', 'aws', 'azure', 'gcp', 'vercel'];

export function functionNameProblem(name: string): string | undefined {
  if (FUNCTION_NAME.test(name)) return undefined;
  return 'is no function name. Use letters, digits, "-" and "_", a letter first, at most 40 characters.';
}

export function appNameProblem(name: string): string | undefined {
  return slugProblem(name, 40, 'an app name');
}

export function stageNameProblem(name: string): string | undefined {
  return slugProblem(name, 20, 'a stage name');
}

function slugProblem(name: string, length: number, what: string): string | undefined {
  if (name.length <= length && SLUG.test(name)) return undefined;
  return `is not ${what}. Use lower case letters, digits and dashes, at most ${length} characters, with no dash at either end.`;
}

export function envNameProblem(name: string): string | undefined {
  if (!ENV_NAME.test(name)) {
    return 'is no name of an environment variable. Use letters, digits and "_", and no digit first.';
  }
  if (name.toUpperCase().startsWith(RESERVED_ENV_PREFIX)) {
    return `starts with ${RESERVED_ENV_PREFIX}, which is reserved. Choose another name.`;
  }
  return undefined;
}

export function bindingIdProblem(id: string): string | undefined {
  if (BINDING_ID.test(id)) return undefined;
  return 'is no binding id. Use letters, digits, "-" and "_", a letter first, at most 64 characters.';
}

/** A package may stand in for a cloud's own adapter, never for the local provider. */
export function adapterIdProblem(id: string): string | undefined {
  if (id === 'local') {
    return 'is the provider that is always there, and cannot be replaced. Choose another id.';
  }
  return providerIdProblem(id);
}

export function providerIdProblem(id: string): string | undefined {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(id)) return undefined;
  return 'is no provider id. Use lower case letters, digits and dashes, a letter first, at most 40 characters.';
}

export function packageNameProblem(name: string): string | undefined {
  if (name.length <= 214 && PACKAGE_NAME.test(name)) return undefined;
  return 'is no package name. Give the name of an installed package, such as "polyfaas-adapter-x"; a path or an address is refused.';
}

export function secretNameProblem(name: unknown): string | undefined {
  // Programs without types forget the name, and "undefined" would be a fine one.
  if (typeof name === 'string' && SECRET_NAME.test(name) && !/\/\/|\.\.|\/$/.test(name))
    return undefined;
  return 'is no name of a secret. Use letters, digits and any of / _ . @ + = - inside, such as "orders/db", at most 128 characters.';
}

export function tagNameProblem(name: string): string | undefined {
  if (name.toLowerCase().startsWith(RESERVED_TAG_PREFIX)) {
    return `starts with ${RESERVED_TAG_PREFIX}, which is reserved. Choose another name.`;
  }
  if (name !== '' && name.length <= 128 && !/[\s\p{Cc}]/u.test(name)) return undefined;
  return 'is no tag name. Use 1 to 128 characters without spaces.';
}
