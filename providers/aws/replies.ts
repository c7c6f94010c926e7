/** What a service answers when there is no such thing, or the deployer may not look, as a value. */
import { isDenied, isMissing } from './errors.ts';

/** The value, or undefined when the service says that there is no such thing. */
export async function ifThere<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Who brings roles of their own often gives the deployer no right to read any; then there is none of ours either. */
export async function ifReadable<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await ifThere(asked);
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

/** True when it was there to be done. */
export async function unlessMissing(done: Promise<unknown>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
