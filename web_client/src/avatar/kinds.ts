import { AvatarError } from './avatar';
import type { AvatarFiles } from './files';

/** The kinds of avatar. */
export const KINDS = ['vrm', 'live2d', 'mmd', 'picture'] as const;
export type Kind = (typeof KINDS)[number];

/** What a set of files is, and the file to begin with. */
export interface Found {
  kind: Kind;
  /** Path of the .vrm, the .model3.json or the .pmx; of the first picture for a picture avatar. */
  main: string;
}

const PICTURES = /\.(png|webp|gif)$/i;
/** Endings that say what a file is when there are several; a file alone is known by its content. */
const ENDINGS: readonly [Kind, RegExp][] = [
  ['vrm', /\.(vrm|glb)$/i],
  ['live2d', /\.model3\.json$/i],
  ['mmd', /\.(pmx|pmd)$/i],
];

/**
 * Finds out what kind of avatar the files are.
 *
 * @throws AvatarError when they are none
 */
export async function findKind(files: AvatarFiles): Promise<Found> {
  const paths = files.paths();
  if (paths.length === 0) throw new AvatarError('is empty');
  if (paths.length === 1) {
    const kind = kindOf(new Uint8Array((await files.bytes(paths[0]!)).slice(0, 4)));
    if (kind !== null) return { kind, main: paths[0]! };
  }
  for (const [kind, ending] of ENDINGS) {
    const main = shallowest(paths.filter((path) => ending.test(path)));
    if (main !== undefined) return { kind, main };
  }
  const pictures = paths.filter((path) => PICTURES.test(path));
  if (pictures.length > 0) return { kind: 'picture', main: shallowest(pictures)! };
  if (paths.some((path) => /\.moc3?$/i.test(path))) throw new AvatarError('is a part of a Live2D model: drop its whole folder, with the .model3.json');
  throw new AvatarError('is no avatar: VRM, Live2D (.model3.json), MMD (.pmx) and pictures (.png) can be shown, also zipped');
}

/** What a file's first four bytes say. */
function kindOf(start: Uint8Array): Kind | null {
  const word = String.fromCharCode(...start);
  if (word === 'glTF') return 'vrm';
  if (word === 'PMX ' || word.startsWith('Pmd')) return 'mmd';
  if (word === '\x89PNG' || word === 'RIFF' || word === 'GIF8') return 'picture';
  return null;
}

function shallowest(paths: readonly string[]): string | undefined {
  const depth = (path: string): number => path.split('/').length;
  return [...paths].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))[0];
}
