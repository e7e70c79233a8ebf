import type { Quality } from '../options';
import { type Avatar, AvatarError } from './avatar';

/** A file that was dropped or chosen, or an address on the page's own origin. */
export type AvatarSource = File | string;

/**
 * Loads an avatar of whatever kind. Each kind is a chunk of its own, fetched when it is first needed.
 *
 * @param token Sent along with requests to the server, or null
 * @throws AvatarError with one sentence for the user
 */
export async function loadAvatar(source: AvatarSource, quality: Quality, token: string | null): Promise<Avatar> {
  const name = displayName(source);
  const bytes = typeof source === 'string' ? await download(source, name, token) : await read(source);
  const { loadVrm } = await import('./vrm');
  const url = typeof source === 'string' ? source : `file:${source.name}`;
  try {
    return await loadVrm(bytes, url, quality);
  } catch (error) {
    if (error instanceof AvatarError) throw new AvatarError(`${name} ${error.message}.`);
    console.error(error);
    throw new AvatarError(`${name} is damaged: it could not be loaded.`);
  }
}

function displayName(source: AvatarSource): string {
  if (typeof source !== 'string') return source.name;
  const path = new URL(source).pathname;
  try {
    return decodeURIComponent(path.split('/').at(-1) || path);
  } catch {
    return path;
  }
}

async function read(file: File): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new AvatarError(`${file.name} cannot be read.`);
  }
}

async function download(address: string, name: string, token: string | null): Promise<ArrayBuffer> {
  const url = new URL(address);
  if (token !== null) url.searchParams.set('token', token);
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new AvatarError(`${name} cannot be fetched: the server does not answer.`);
  }
  if (response.status === 404) throw new AvatarError(`There is no avatar ${name} on the server: drop a .vrm file on the page.`);
  if (!response.ok) throw new AvatarError(`The server does not give out ${name} (${response.status}).`);
  return response.arrayBuffer();
}
