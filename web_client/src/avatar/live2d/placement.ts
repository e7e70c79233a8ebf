import { MathUtils, type Object3D } from 'three';
import type { Pose } from '../../pose';
import type { Layout } from './layout';
import { FULL_TURN, type Signals } from './signals';

/** The whole picture follows this share of the performer's movement, and never goes further, metres. */
const SHARE = 0.5;
const REACH_X = 0.12;
const REACH_Y = 0.05;
const REACH_Z = 0.12;
/** A picture that cannot turn its head is turned as a whole, like a card: by this share, and shifted, metres at a full turn. */
const CARD_TURN = 0.45;
const CARD_SHIFT = 0.025;
const CARD_LIMIT = 25 * MathUtils.DEG2RAD;

/** Puts a model's picture where the performer is, and turns it when the model cannot do that itself. */
export class Placement {
  /**
   * @param turns Whether the model turns its head itself, and whether it tilts it
   */
  constructor(
    private readonly object: Object3D,
    private readonly layout: Layout,
    private readonly turns: boolean,
    private readonly tilts: boolean,
  ) {
    object.scale.set(layout.scale, layout.scale, 1);
  }

  apply(pose: Pose, signals: Signals): void {
    const { object, layout } = this;
    const yaw = this.turns ? 0 : card(signals.yaw);
    const pitch = this.turns ? 0 : card(signals.pitch);
    const roll = this.tilts ? 0 : card(signals.roll);
    object.rotation.set(-pitch, yaw, -roll);
    // Turned about the neck, which stays where it is.
    const neck = layout.figure.head;
    const { position: at } = object;
    at.set(layout.x, layout.y - neck, 0).applyEuler(object.rotation);
    at.y += neck;
    at.x += reached(pose.position.x, REACH_X) + (this.turns ? 0 : CARD_SHIFT * MathUtils.clamp(signals.yaw, -1, 1));
    at.y += reached(pose.position.y, REACH_Y) + (this.turns ? 0 : CARD_SHIFT * MathUtils.clamp(signals.pitch, -1, 1));
    at.z += reached(pose.position.z, REACH_Z);
  }
}

function card(share: number): number {
  return MathUtils.clamp(CARD_TURN * share * FULL_TURN, -CARD_LIMIT, CARD_LIMIT);
}

/** Follows a movement less and less towards its limit, which it never passes. */
function reached(value: number, limit: number): number {
  return limit * Math.tanh((SHARE * value) / limit);
}
