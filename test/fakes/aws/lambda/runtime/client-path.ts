import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Amazon's runtime client, which every instance of a Node runtime runs. */
export const CLIENT_PATH = createRequire(import.meta.url).resolve('aws-lambda-ric');
export const CLIENT_URL = pathToFileURL(CLIENT_PATH).href;

/** What runs before it. */
export const BOOTSTRAP = new URL('./bootstrap.mjs', import.meta.url);
export const PYTHON_BOOTSTRAP = fileURLToPath(new URL('./python_bootstrap.py', import.meta.url));
export const CUSTOM_BOOTSTRAP = fileURLToPath(new URL('./custom-bootstrap.mjs', import.meta.url));

/** What the bootstrap has to know. */
export interface BootstrapSettings {
  readonly id: string;
  readonly client: string;
  readonly clientUrl: string;
  readonly limitBytes: number;
  readonly taskRoot: string;
  readonly nodeOptions?: string;
}
