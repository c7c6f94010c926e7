import { dirname, resolve } from 'node:path';
import { compilerSettingsFinder } from './compiler-settings.ts';
import { isFileName } from './input-files.ts';
import { inNodeModules } from './paths.ts';
import { textOf } from './text-of.ts';

/** A decorator, and not a tag of a comment. In a text it costs a needless warning. */
const DECORATOR = /^(?!\s*(?:\*|\/\/|\/\*)).*?(?:^|[\s{;(,])@[A-Za-z_$]/m;

/**
 * What is said of code that counts on `emitDecoratorMetadata`: the compiler writes the types of decorated members into
 * the code, and no bundler does. What reads them, such as dependency injection, finds none at run time, and says so late.
 *
 * @param inputs root-relative paths of the files that were bundled.
 */
export function decoratorTypesLost(root: string, inputs: readonly string[]): readonly string[] {
  const settingsOf = compilerSettingsFinder();
  const found = inputs.find((name) => {
    if (!isFileName(name) || inNodeModules(name) || !/\.[cm]?tsx?$/.test(name)) return false;
    const path = resolve(root, name);
    return settingsOf(dirname(path)).wantsDecoratorTypes && DECORATOR.test(textOf(path));
  });
  return found === undefined
    ? []
    : [
        `${found} has decorators, and its tsconfig.json asks for their types at run time (emitDecoratorMetadata), which bundling leaves out: what reads them finds none. Compile it with tsc first, and name the compiled file as \`entry\``,
      ];
}
