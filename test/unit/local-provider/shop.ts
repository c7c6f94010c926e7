/** Managers on the local provider in a folder of their own, closed and removed when the test ends. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  createServerlessManager,
  type FunctionSpec,
  type LimitsSpec,
  type ManagerOptions,
  type PolyfaasConfig,
  type ServerlessManager,
} from 'polyfaas';
import { LOCAL, type LocalPlatform } from 'polyfaas/local';
import { sharePackages } from '../../support/shared-packages.ts';

export interface ShopOptions extends ManagerOptions {
  readonly local?: object;
  readonly limits?: LimitsSpec;
}

export interface Shop {
  readonly root: string;
  readonly stateFolder: string;
  write(files: Readonly<Record<string, string>>): void;
  open(
    functions: Readonly<Record<string, FunctionSpec>>,
    options?: ShopOptions,
  ): Promise<ServerlessManager>;
}

export function newShop(): Shop {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'polyfaas-shop-')));
  sharePackages(root);
  const stateFolder = join(root, 'state');
  const managers: ServerlessManager[] = [];
  onTestFinished(async () => {
    await Promise.all(managers.map((manager) => manager.close()));
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    stateFolder,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), text);
      }
    },
    async open(functions, { local, limits, ...options } = {}) {
      const config: PolyfaasConfig = {
        app: 'shop',
        stage: 'dev',
        provider: 'local',
        root,
        functions,
        ...(limits ? { limits } : {}),
        providerOptions: { local: { stateFolder, ...local } },
      };
      const manager: ServerlessManager = await createServerlessManager(config, {
        telemetry: false,
        ...options,
      });
      managers.push(manager);
      return manager;
    },
  };
}

/** A function that answers with this value, and takes events. */
export function answering(value: string): { readonly source: string } {
  return {
    source: `
      import { defineFunction } from 'polyfaas/function';
      export default defineFunction({
        invoke: () => ${JSON.stringify(value)},
        http: () => new Response(${JSON.stringify(value)}),
        queue: () => {},
      });`,
  };
}

export function localOf(manager: ServerlessManager): LocalPlatform {
  const local = manager.native(LOCAL);
  if (!local) throw new Error('this manager has the local provider');
  return local;
}
