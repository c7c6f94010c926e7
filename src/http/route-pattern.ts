/** Paths as users write them: `/orders/{id}`, `/files/{rest+}`. */
import { RouteError } from './route-error.ts';

/** One part of a path between two slashes. */
export type PatternSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'rest'; readonly name: string };

const PLACEHOLDER = /^\{([A-Za-z_][\w.-]*)(\+?)\}$/;

/**
 * Takes a path apart. A slash at the end is an empty literal, so it counts.
 *
 * @throws RouteError for a path that no request could match as meant.
 */
export function parsePattern(path: string): readonly PatternSegment[] {
  if (!path.startsWith('/')) throw invalid(path, 'it must start with "/"');
  const parts = path.slice(1).split('/');
  const names = new Set<string>();
  return parts.map((part, index) => {
    const placeholder = PLACEHOLDER.exec(part);
    if (!placeholder) {
      if (/[{}]/.test(part))
        throw invalid(path, `"${part}" must be all literal, "{name}" or "{name+}"`);
      return { kind: 'literal', text: decodeLiteral(part) };
    }
    const [, name = '', plus] = placeholder;
    if (name === '__proto__' || names.has(name))
      throw invalid(
        path,
        `the parameter "${name}" cannot be used ${names.has(name) ? 'twice' : 'as a name'}`,
      );
    names.add(name);
    if (plus !== '+') return { kind: 'parameter', name };
    if (index !== parts.length - 1) throw invalid(path, `"${part}" must come last`);
    return { kind: 'rest', name };
  });
}

/** Requests are compared decoded, so `/caf%C3%A9` and `/café` declare the same route. */
function decodeLiteral(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function invalid(path: string, why: string): RouteError {
  return new RouteError(
    `The path "${path}" is not a route: ${why}. Write it like "/orders/{id}" or "/files/{rest+}".`,
    { field: 'path', value: path },
  );
}
