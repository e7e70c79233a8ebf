import { AvatarError } from './avatar';
import { isZip, unzip } from './zip';

/**
 * The files that an avatar is made of, wherever they come from: one file, several, a folder, or what a zip holds.
 *
 * Paths have '/' between their parts, in Unicode's composed form (NFC). They are found whatever their case, with '\' for
 * '/', and with './' and '../' in them, as the files of an avatar write them of each other.
 */
export interface AvatarFiles {
  /** What the user knows it by: the name of the file, the folder or the zip. */
  readonly name: string;
  /** All paths, as they are spelt, sorted. */
  paths(): string[];
  has(path: string): boolean;
  /**
   * The content of one file, unpacked when it is asked for.
   *
   * @throws AvatarError when there is none of that path, or it cannot be read
   */
  bytes(path: string): Promise<ArrayBuffer>;
}

/** One file and where it lies in its folder. */
export interface PlacedFile {
  path: string;
  /** Its content; asked for at most when it is needed. */
  read(): Promise<ArrayBuffer>;
}

/** More files than the largest avatars have, and more bytes: who brings more brings no avatar. */
export const MOST_FILES = 5000;
export const MOST_BYTES = 1 << 30;

/** What systems and archivers leave beside the files that were meant. */
const LITTER = /(^|\/)(__MACOSX(\/|$)|\.[^/]*$|Thumbs\.db$|desktop\.ini$)/i;

/**
 * The files of one dropped or chosen file: the file itself, or what it holds when it is a zip.
 *
 * @throws AvatarError when it cannot be read, or is a broken or a hostile zip
 */
export async function filesOfFile(file: Blob, name: string): Promise<AvatarFiles> {
  if (file.size > MOST_BYTES) throw new AvatarError('is too large for an avatar');
  let zip: boolean;
  try {
    zip = isZip(await file.slice(0, 4).arrayBuffer());
  } catch {
    throw new AvatarError('cannot be read');
  }
  if (zip) return makeFiles(name, await unzip(file));
  return makeFiles(name, [{ path: name, read: () => file.arrayBuffer() }]);
}

/**
 * The files of a folder, or of several files dropped together. A zip or a .vrm beside nothing but others is not opened here.
 *
 * @param name Of the folder, or of the first file
 * @throws AvatarError when there are too many
 */
export function filesOfFolder(files: readonly { path: string; file: File }[], name: string): AvatarFiles {
  if (files.reduce((sum, { file }) => sum + file.size, 0) > MOST_BYTES) throw new AvatarError('is too large for an avatar');
  return makeFiles(name, files.map(({ path, file }) => ({ path, read: () => file.arrayBuffer() })));
}

/** @throws AvatarError when there are too many */
export function makeFiles(name: string, placed: readonly PlacedFile[]): AvatarFiles {
  if (placed.length > MOST_FILES) throw new AvatarError(`holds ${placed.length} files: too many for an avatar`);
  const spelt = new Map<string, PlacedFile & { path: string }>();
  for (const file of placed) {
    const path = cleanPath(file.path);
    if (path === null || LITTER.test(path) || spelt.has(path.toLowerCase())) continue;
    spelt.set(path.toLowerCase(), { path, read: () => file.read() });
  }
  const find = (path: string): PlacedFile | undefined => spelt.get(resolvePath('', path).toLowerCase());
  return {
    name,
    paths: () => [...spelt.values()].map(({ path }) => path).sort(),
    has: (path) => find(path) !== undefined,
    bytes: async (path) => {
      const file = find(path);
      if (file === undefined) throw new AvatarError(`needs ${path}, which is not there`);
      try {
        return await file.read();
      } catch (error) {
        if (error instanceof AvatarError) throw error;
        throw new AvatarError(`cannot be read (${path})`);
      }
    },
  };
}

/** A path as it is kept; null for one that leads out of its folder, or is no path of a file. */
function cleanPath(path: string): string | null {
  const slashed = path.normalize('NFC').replaceAll('\\', '/');
  if (/^\/|^[a-z]:|\0/i.test(slashed) || slashed.endsWith('/')) return null;
  const parts = slashed.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? null : parts.join('/');
}

/**
 * Where one file of an avatar says that another lies.
 *
 * @param from The path of the file that speaks, or '' for the folder itself
 * @param path What it says, relative to its own folder
 */
export function resolvePath(from: string, path: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of path.normalize('NFC').replaceAll('\\', '/').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
