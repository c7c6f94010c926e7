import { shorten } from './issues.ts';

/** The default route: every path, `/` too. */
export const EVERY_PATH = '/{path+}';

const PARAMETER = /^\{([A-Za-z_][A-Za-z0-9_]*)(\+?)\}$/;
const HELP = 'Write it like "/orders", "/orders/{id}" or "/files/{rest+}".';

/** What is wrong with a route's path, or undefined. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return `does not start with "/". ${HELP}`;
  if (path === '/') return undefined;
  if (path.length > 1_024) return `is longer than 1,024 characters. ${HELP}`;
  if (path.endsWith('/')) return 'ends with "/". Leave that slash out.';
  const segments = path.slice(1).split('/');
  const names = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    const parameter = PARAMETER.exec(segment);
    if (parameter === null) {
      const problem = literalProblem(segment);
      if (problem !== undefined) return problem;
      continue;
    }
    const [, name = '', plus] = parameter;
    if (plus === '+' && index !== segments.length - 1) {
      return `has {${name}+} before its end. Only the last segment can take the rest of the path.`;
    }
    if (names.has(name)) return `names {${name}} twice. Give each parameter a name of its own.`;
    names.add(name);
  }
  return undefined;
}

function literalProblem(segment: string): string | undefined {
  if (segment === '') return 'has an empty segment ("//"). Leave one slash out.';
  if (segment === '.' || segment === '..')
    return `has the segment "${segment}". Write the path out.`;
  if (/[{}]/.test(segment)) {
    return `has a parameter that is not one whole segment, or has no plain name. ${HELP}`;
  }
  const [, name] = /^:([A-Za-z_][A-Za-z0-9_]*)/.exec(segment) ?? [];
  if (name !== undefined) {
    return `has the segment "${shorten(segment, 60)}", which would match only that very text. Write "{${shorten(name, 60)}}". ${HELP}`;
  }
  if (segment.includes('*')) {
    return `has "*", which would match only that very character. Write "{rest+}" as the last segment for all that follows, or "{id}" for one segment. ${HELP}`;
  }
  if (/[\s?#%\\]|\p{Cc}/u.test(segment)) {
    return `has a space or one of ? # % \\, which no path may hold. Write it decoded, without a query. ${HELP}`;
  }
  return undefined;
}

/** The same for all paths that match the same requests: parameter names do not count. */
export function routeShape(path: string): string {
  return path
    .split('/')
    .map((segment) => {
      const parameter = PARAMETER.exec(segment);
      if (parameter === null) return segment;
      return parameter[2] === '+' ? '{+}' : '{}';
    })
    .join('/');
}
