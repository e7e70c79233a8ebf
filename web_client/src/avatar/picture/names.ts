/** What a picture shows, from the back to the front. */
export const PARTS = ['hairBack', 'body', 'head', 'mouth', 'nose', 'eyes', 'iris', 'lashes', 'brows', 'hairFront', 'front', 'whole'] as const;
export type Part = (typeof PARTS)[number];
/** The avatar's own, as everywhere: its left is on the right of the picture. */
export type Side = 'left' | 'right';

/** Parts that each eye has for itself: a picture with both of them is cut in the middle. */
export const PAIRED: readonly Part[] = ['eyes', 'iris', 'lashes', 'brows'];

export interface Named {
  path: string;
  part: Part;
  /** Of lids: `open`, `half`, `closed`. Of a mouth: `closed`, `open`, a number of steps, a vowel, `smile`. Of brows: `up`, `down`. */
  state: string;
  side: Side | null;
  /** Of a whole picture: what eyes and mouth do in it. */
  eyesClosed: boolean;
  mouthOpen: boolean;
}

/** Words of file names, by what they mean. Several words together are written as one. */
const WORDS = {
  eyes: ['eye', 'eyes', 'lid', 'lids', 'eyelid', 'eyelids'],
  iris: ['iris', 'irises', 'pupil', 'pupils'],
  lashes: ['lash', 'lashes', 'eyelash', 'eyelashes'],
  brows: ['brow', 'brows', 'eyebrow', 'eyebrows'],
  mouth: ['mouth', 'lips', 'lip'],
  nose: ['nose'],
  head: ['head', 'face', 'base', 'skin'],
  body: ['body', 'torso', 'clothes', 'shirt', 'arms', 'neck'],
  hair: ['hair', 'bangs', 'fringe'],
  back: ['back', 'behind', 'rear'],
  front: ['hat', 'glasses', 'accessory', 'ears', 'horns', 'front', 'bow', 'ribbon'],
  open: ['open', 'opened'],
  half: ['half', 'mid', 'middle', 'semi'],
  closed: ['closed', 'close', 'shut'],
  idle: ['idle', 'silent', 'quiet', 'neutral', 'normal', 'default', 'rest'],
  talk: ['talk', 'talking', 'talks', 'speak', 'speaking', 'speech', 'voice', 'loud'],
  blink: ['blink', 'blinking', 'blinks'],
  smile: ['smile', 'smiling', 'happy', 'grin'],
  left: ['left', 'l'],
  right: ['right', 'r'],
  up: ['up', 'raised'],
  down: ['down', 'angry', 'frown'],
} as const;
type Word = keyof typeof WORDS;
const VOWELS: readonly string[] = ['a', 'i', 'u', 'e', 'o'];
/** Without one of these a set has nothing to lay eyes and mouths on: its pictures are whole. */
const GROUNDS: readonly Part[] = ['body', 'head'];

/** The words of a path, in order: `Eyes/leftClosed_02.png` has eyes, left, closed, 02. */
export function wordsOf(path: string): string[] {
  const bare = path.replace(/\.[^.\/]*$/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
  return bare.toLowerCase().split(/[^\p{L}\p{N}]+|(?<=\p{L})(?=\d)/u).filter((word) => word !== '');
}

/**
 * What each picture of a set shows, by its name.
 *
 * @param folder What all paths begin with, which says nothing
 */
export function readNames(paths: readonly string[], folder: string): Named[] {
  const named = paths.map((path) => readName(path, path.slice(folder.length)));
  const some = (parts: readonly Part[]): boolean => named.some(({ part }) => parts.includes(part));
  const moods = named.some(({ eyesClosed, mouthOpen }) => eyesClosed || mouthOpen);
  const layered = some(GROUNDS) && (some(['eyes', 'mouth']) || !moods);
  // In a set of layers a name that says nothing is something to wear; else every picture shows all of the avatar.
  return named.map((one) => (layered ? { ...one, part: one.part === 'whole' ? 'front' : one.part } : { ...one, part: 'whole', side: null }));
}

function readName(path: string, name: string): Named {
  const words = wordsOf(name);
  const has = (word: Word): boolean => words.some((one) => (WORDS[word] as readonly string[]).includes(one));
  const part = has('eyes') && has('mouth') ? 'whole' : (partOf(has) ?? 'whole');
  const paired = PAIRED.includes(part);
  return {
    path,
    part,
    state: stateFor(part, words, has),
    side: paired && has('left') ? 'left' : paired && has('right') ? 'right' : null,
    eyesClosed: has('blink') || stateBeside('eyes', words) === 'closed',
    mouthOpen: has('talk') || (part === 'whole' && !has('mouth') && !has('eyes') ? has('open') : stateBeside('mouth', words) === 'open'),
  };
}

function partOf(has: (word: Word) => boolean): Part | undefined {
  if (has('hair')) return has('back') ? 'hairBack' : 'hairFront';
  return (['iris', 'lashes', 'brows', 'eyes', 'mouth', 'nose', 'front', 'head', 'body'] as const).find(has) ?? (has('back') ? 'hairBack' : undefined);
}

function stateFor(part: Part, words: readonly string[], has: (word: Word) => boolean): string {
  if (part === 'mouth') return mouthState(words, has);
  if (part === 'brows') return has('up') ? 'up' : has('down') ? 'down' : '';
  if (part === 'eyes' || part === 'lashes') return has('half') ? 'half' : has('closed') || has('blink') ? 'closed' : 'open';
  return '';
}

function mouthState(words: readonly string[], has: (word: Word) => boolean): string {
  if (has('smile')) return 'smile';
  if (has('half')) return 'half';
  if (has('open') || has('talk')) return 'open';
  if (has('closed') || has('idle')) return 'closed';
  return words.find((word) => VOWELS.includes(word)) ?? words.find((word) => /^\d+$/.test(word)) ?? 'closed';
}

/** In `eyes open mouth closed`, or `open eyes, closed mouth`: the state that belongs to a part. */
function stateBeside(part: 'eyes' | 'mouth', words: readonly string[]): string | undefined {
  const kinds = words.map(kindOf).filter((kind) => kind !== undefined && ['eyes', 'mouth', 'open', 'closed'].includes(kind));
  const at = kinds.indexOf(part);
  if (at < 0) return undefined;
  const stateFirst = kinds[0] === 'open' || kinds[0] === 'closed';
  return kinds[stateFirst ? at - 1 : at + 1];
}

function kindOf(word: string): Word | undefined {
  return (Object.keys(WORDS) as Word[]).find((kind) => (WORDS[kind] as readonly string[]).includes(word));
}
