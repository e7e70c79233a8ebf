import { MathUtils, type Object3D, Vector3 } from 'three';
import type { Pose } from '../../pose';
import { swayOf } from '../sway';
import type { Layout } from './layout';
import { FULL_TURN, type Signals } from './signals';

/** A picture that cannot turn its head is turned as a whole, like a card: by this share, and shifted, metres at a full turn. */
const CARD_TURN = 0.45;
const CARD_SHIFT = 0.025;
const CARD_LIMIT = 25 * MathUtils.DEG2RAD;

const sway = new Vector3();

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
    swayOf(pose.position, neck, sway);
    at.x += sway.x + (this.turns ? 0 : CARD_SHIFT * MathUtils.clamp(signals.yaw, -1, 1));
    at.y += sway.y + (this.turns ? 0 : CARD_SHIFT * MathUtils.clamp(signals.pitch, -1, 1));
    at.z += sway.z;
  }
}

function card(share: number): number {
  return MathUtils.clamp(CARD_TURN * share * FULL_TURN, -CARD_LIMIT, CARD_LIMIT);
}
