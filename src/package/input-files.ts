import { ENTRY_NAME } from './entry-module.ts';
import { statOf } from './paths.ts';

const NAMESPACES = /^(?:polyfaas-inline|polyfaas-native):/;
const GENERATED = /^(?:\(disabled\):|<)/;

/** True for a module of the graph that is a file; generated ones have a namespace of ours or of the bundler. */
export const isFileName = (name: string): boolean =>
  name !== ENTRY_NAME && !NAMESPACES.test(name) && !GENERATED.test(name);

/** The name without the namespace of the plugins: where its own imports begin. */
export const withoutNamespace = (name: string): string => name.replace(NAMESPACES, '');

/** True for the module that `source` of a declaration is. */
export const isInline = (name: string): boolean => name.startsWith('polyfaas-inline:');

/**
 * The path of the file that a module of the graph was read from: without what follows a `?` or `#` of the import, and
 * the archive where an installer keeps packages in archives.
 */
export function fileOfName(root: string, name: string): string {
  const plain = name.replace(/[?#].*$/s, '');
  const archive = /^.*?\.zip(?=\/)/s.exec(name)?.[0];
  if (plain === name && archive === undefined) return name;
  const isFile = (path: string): boolean => statOf(`${root}/${path}`)?.isFile() === true;
  return [name, plain, archive].find((path) => path !== undefined && isFile(path)) ?? name;
}
