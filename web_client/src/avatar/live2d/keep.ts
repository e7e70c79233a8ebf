import type { AvatarFiles } from '../files';
import { coreAddress } from './core';

/**
 * Gives Live2D's Core, which the user brought, to the program to keep.
 *
 * @param path The Core among the files
 * @param token Sent along, or null
 * @returns whether this page can load it now: it holds no other one already
 * @throws Error with one sentence for the user when it is not taken
 */
export async function keepCore(files: AvatarFiles, path: string, token: string | null): Promise<boolean> {
  let answer: Response;
  try {
    answer = await fetch(coreAddress(token), { method: 'PUT', body: await files.bytes(path) });
  } catch {
    throw new Error('Live2D’s Core cannot be kept: the program does not answer.');
  }
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return window.Live2DCubismCore === undefined;
}
