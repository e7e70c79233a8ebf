import type { Quality } from '../look';
import { type Avatar, AvatarError, CORE_MISSING } from './avatar';
import { type AvatarFiles, filesOfFile } from './files';
import { findKind, type Found, type Kind } from './kinds';

/** A file or files that were dropped or chosen, or an address on the page's own origin. */
export type AvatarSource = File | AvatarFiles | string;

/** What every kind's loader is told beside the files. */
export interface LoadOptions {
  /** What the avatar's `info.url` is to be. */
  url: string;
  quality: Quality;
  /** Sent along with requests to the server, or null. */
  token: string | null;
}

/**
 * Makes an avatar of its files.
 *
 * @param main The path to begin with, see {@link Found}
 * @throws AvatarError with the end of a sentence that began with the file's name: "is damaged: ..."
 */
export type Loader = (files: AvatarFiles, main: string, options: LoadOptions) => Promise<Avatar>;

/** Each kind is a chunk of its own, fetched when it is first needed. */
const LOADERS: Partial<Record<Kind, () => Promise<Loader>>> = {
  vrm: async () => (await import('./vrm')).loadVrmFiles,
  live2d: async () => (await import('./live2d/load')).loadLive2d,
  mmd: async () => (await import('./mmd/load')).loadMmd,
  picture: async () => (await import('./picture/load')).loadPicture,
};

/**
 * Loads an avatar of whatever kind.
 *
 * @throws AvatarError with one sentence for the user
 */
export async function loadAvatar(source: AvatarSource, quality: Quality, token: string | null): Promise<Avatar> {
  const name = displayName(source);
  try {
    const { files, url } = await open(source, name, token);
    const core = findCore(files);
    if (core !== undefined) {
      const next = await takeCore(files, core, token);
      return await loadAvatar(next, quality, token).catch((error: Error) => Promise.reject(new Sentence(error.message)));
    }
    const { kind, main } = await findKind(files);
    const loader = LOADERS[kind];
    if (loader === undefined) throw new AvatarError('is of a kind that this version cannot show');
    return await (await loader())(files, main, { url, quality, token });
  } catch (error) {
    if (error instanceof Sentence) throw new AvatarError(error.message);
    if (error instanceof AvatarError) waiting = error.name === CORE_MISSING ? source : null;
    if (error instanceof AvatarError) throw new AvatarError(`${name} ${error.message}.`);
    console.error(error);
    throw new AvatarError(`${name} is damaged: it could not be loaded.`);
  }
}

/** A whole sentence of its own: about what the server would not give, or what was no avatar but taken all the same. */
class Sentence extends Error {}

/** The avatar that could not be shown for want of Live2D's Core: it is shown when that has come. */
let waiting: AvatarSource | null = null;
/** Live2D's Core, by itself or in the SDK that it comes in, as the user brings it: no avatar, but what draws some. */
const CORE = /(^|\/)live2dcubismcore[^/]*\.js$/i;

function findCore(files: AvatarFiles): string | undefined {
  const found = files.paths().filter((path) => CORE.test(path));
  return found.find((path) => path.endsWith('.min.js')) ?? found[0];
}

/** Keeps the Core; returns the avatar that waited for it. */
async function takeCore(files: AvatarFiles, path: string, token: string | null): Promise<AvatarSource> {
  const { keepCore } = await import('./live2d/keep');
  const fresh = await keepCore(files, path, token).catch((error: unknown) => {
    throw new Sentence(error instanceof Error ? error.message : String(error));
  });
  const next = waiting;
  if (!fresh) throw new Sentence('Live2D’s Core is kept: reload this page to draw with it.');
  if (next === null) throw new Sentence('Live2D’s Core is kept: drop a Live2D avatar now, its whole folder or a zip of it.');
  return next;
}

async function open(source: AvatarSource, name: string, token: string | null): Promise<{ files: AvatarFiles; url: string }> {
  if (typeof source === 'string') {
    const { content, url } = await download(source, name, token);
    return { files: await filesOfFile(content, displayName(url)), url };
  }
  return { files: source instanceof File ? await filesOfFile(source, name) : source, url: `file:${name}` };
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

async function download(address: string, name: string, token: string | null): Promise<{ content: Blob; url: string }> {
  const url = new URL(address);
  if (token !== null) url.searchParams.set('token', token);
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new Sentence(`${name} cannot be fetched: the server does not answer.`);
  }
  if (response.status === 404) throw new Sentence(`There is no avatar ${name} on the server: drop its file on the page.`);
  if (!response.ok) throw new Sentence(`The server does not give out ${name} (${response.status}).`);
  try {
    // The server may have sent us on, from a name to its file.
    const found = new URL(response.url);
    found.searchParams.delete('token');
    return { content: await response.blob(), url: found.href };
  } catch {
    throw new Sentence(`${name} cannot be fetched: the server went away.`);
  }
}
