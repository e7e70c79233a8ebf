import { isPerfectSync, matchArkit } from '../names';
import { FACE, mouthOpen, POSTURE, type Share } from './mapping';
import type { Parameters } from './parameters';
import type { Settings } from './settings';
import type { Signals } from './signals';

interface Driven {
  index: number;
  share: Share;
  /** The ARKit shape that this parameter is, if it is one. */
  arkit: string | null;
}

/** The parameters of one model that the performer moves, each looked up once. All others are left alone. */
export class Driver {
  /** Whether the face has its own parameter for each ARKit shape, and is moved by these alone. */
  readonly perfectSync: boolean;
  /** Whether the head turns and tilts by a parameter. */
  readonly turns: boolean;
  readonly tilts: boolean;
  private readonly driven: Driven[] = [];

  constructor(
    private readonly parameters: Parameters,
    groups: Pick<Settings, 'eyeBlink' | 'lipSync'>,
  ) {
    const shapes = matchArkit(parameters.ids.map(bare));
    this.perfectSync = isPerfectSync(shapes);
    for (const [id, share] of Object.entries(POSTURE)) this.drive(parameters.find(id), share);
    this.turns = parameters.find('ParamAngleX') >= 0;
    this.tilts = parameters.find('ParamAngleZ') >= 0;
    parameters.ids.forEach((id, index) => {
      const arkit = [...matchArkit([bare(id)]).keys()][0];
      if (arkit !== undefined) this.drive(index, (s) => s.weight(arkit), arkit);
    });
    if (this.perfectSync) return;
    for (const [id, share] of Object.entries(FACE)) this.drive(parameters.find(id), share);
    groups.eyeBlink.forEach((id, i) => this.drive(parameters.find(id), lid(id, i, groups.eyeBlink.length)));
    for (const id of groups.lipSync) this.drive(parameters.find(id), mouthOpen);
  }

  /** Sets what the performer moves. */
  apply(signals: Signals): void {
    for (const { index, share } of this.driven) this.parameters.set(index, this.parameters.at(index, share(signals)));
  }

  /** Shuts the lids over whatever a motion of the model's own, which knows of no blinks, does with them; by a part of it. */
  blink(signals: Signals, part: number): void {
    for (const { index, share } of this.driven) {
      if (!LIDS.has(share)) continue;
      const closed = part * Math.max(-share(signals), 0);
      const { values, minimum } = this.parameters;
      this.parameters.set(index, values[index]! + (minimum[index]! - values[index]!) * closed);
    }
  }

  /** The weight that an ARKit shape has in the model now; null when it has no parameter for it. */
  weight(arkit: string): number | null {
    const own = this.driven.find((driven) => driven.arkit === arkit);
    if (own !== undefined) return Math.max(this.parameters.share(own.index), 0);
    const index = this.parameters.find(STANDS_FOR[arkit] ?? '');
    if (index < 0 || this.perfectSync) return null;
    const share = this.parameters.share(index);
    return Math.min(Math.max(arkit.startsWith('eyeBlink') ? -share : share, 0), 1);
  }

  private drive(index: number, share: Share, arkit: string | null = null): void {
    if (index >= 0 && !this.driven.some((driven) => driven.index === index)) this.driven.push({ index, share, arkit });
  }
}

const LEFT_LID = FACE['ParamEyeLOpen']!;
const RIGHT_LID = FACE['ParamEyeROpen']!;
const BOTH_LIDS: Share = (s) => (LEFT_LID(s) + RIGHT_LID(s)) / 2;
const LIDS: ReadonlySet<Share> = new Set([LEFT_LID, RIGHT_LID, BOTH_LIDS]);

/** Which parameter shows these shapes in a model without ARKit's own. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  eyeBlinkLeft: 'ParamEyeLOpen',
  eyeBlinkRight: 'ParamEyeROpen',
  jawOpen: 'ParamMouthOpenY',
};

/** A parameter's name without what Live2D's all begin with. */
function bare(id: string): string {
  return id.replace(/^param_?/i, '');
}

/** The lid that a parameter of the EyeBlink group is: by its name, else the first is the left; one alone is both. */
function lid(id: string, place: number, count: number): Share {
  const side = /(_|eye|^)L(eft|_|[A-Z]|$)/.test(id) ? 'Left' : /(_|eye|^)R(ight|_|[A-Z]|$)/.test(id) ? 'Right' : null;
  if (count === 1 && side === null) return BOTH_LIDS;
  return (side ?? (place % 2 === 0 ? 'Left' : 'Right')) === 'Left' ? LEFT_LID : RIGHT_LID;
}
