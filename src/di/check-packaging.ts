/** Whether code can be packaged as an adapter wants it: what is wrong with it would be told as the user's own mistake. */
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isObject } from './fields.ts';

/** What is wrong with a `packaging`, for the adapter's author. */
export function wrongPackaging(packaging: unknown): readonly string[] {
  if (!isObject(packaging)) return ['packaging: it has to be an object'];
  const { format, target, entryFile, shim, external, limits } = fieldsOf(packaging);
  return [
    ...(format === 'esm' || format === 'cjs'
      ? []
      : ['packaging.format: it has to be "esm" or "cjs"']),
    ...(isText(target) ? [] : ['packaging.target: it has to be a text such as "node22"']),
    ...(isText(entryFile) ? [] : ['packaging.entryFile: it has to be the name of a file']),
    ...(isObject(shim) ? wrongShim(fieldsOf(shim)) : ['packaging.shim: it has to be an object']),
    ...(isTexts(external) ? [] : ['packaging.external: it has to be a list of names']),
    ...(isObject(limits) ? [] : ['packaging.limits: it has to be an object']),
  ];
}

function wrongShim({ modulePath, exports }: Readonly<Record<string, unknown>>): readonly string[] {
  return [
    ...(isText(modulePath) && isAbsolute(modulePath)
      ? isFile(modulePath)
        ? []
        : [
            `packaging.shim.modulePath: there is no file ${modulePath} (a program that is bundled has to leave packages such as polyfaas out of its bundle, as external)`,
          ]
      : ['packaging.shim.modulePath: it has to be the absolute path of a module']),
    ...(isTexts(exports) ? [] : ['packaging.shim.exports: it has to be a list of names']),
  ];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function fieldsOf(value: object): Readonly<Record<string, unknown>> {
  return { ...value };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}
