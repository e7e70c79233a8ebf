import { ARKIT, type ArkitName } from '../wire';

/** Of the 52 shapes, how many an avatar must have before its face is driven by them alone. */
const ENOUGH = 40;
/** Without these a face cannot open its mouth or close its eyes, however many others it has. */
const NEEDED: readonly ArkitName[] = ['jawOpen', 'eyeBlinkLeft', 'eyeBlinkRight'];

const SPELLINGS = spellings();

/** Each known spelling, folded: `browdownleft`, `browdownl` for browDownLeft; sided ones too for shapes without a side. */
function spellings(): Map<string, ArkitName> {
  const known = new Map<string, ArkitName>();
  for (const name of ARKIT) {
    const folded = name.toLowerCase();
    known.set(folded, name);
    const side = /(left|right)$/.exec(folded)?.[0];
    if (side !== undefined) {
      known.set(folded.slice(0, -side.length) + side.charAt(0), name);
    } else {
      for (const suffix of ['left', 'right', 'l', 'r']) if (!known.has(folded + suffix)) known.set(folded + suffix, name);
    }
  }
  return known;
}

/**
 * The ARKit name meant by a shape's name, whatever its case and separators: `BrowDownLeft`, `brow_down_left`, `browDown_L`,
 * `blendShape1.browDownLeft`. Null when it is none.
 */
export function arkitName(spelling: string): ArkitName | null {
  const last = spelling.split(/[.:|]/).at(-1) ?? spelling;
  const folded = last.toLowerCase().replace(/^(arkit|blendshape\d*)[_\s-]*/, '').replace(/[^a-z]/g, '');
  return SPELLINGS.get(folded) ?? null;
}

/** Which of the given names stand for which ARKit shape. */
export function matchArkit(names: Iterable<string>): Map<ArkitName, string[]> {
  const found = new Map<ArkitName, string[]>();
  for (const name of names) {
    const arkit = arkitName(name);
    if (arkit === null) continue;
    const list = found.get(arkit);
    if (list === undefined) found.set(arkit, [name]);
    else list.push(name);
  }
  return found;
}

/** Whether an avatar with these shapes can be driven by the 52 weights ("Perfect Sync"). */
export function isPerfectSync(found: ReadonlyMap<ArkitName, unknown>): boolean {
  return found.size >= ENOUGH && NEEDED.every((name) => found.has(name));
}
