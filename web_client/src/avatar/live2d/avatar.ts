import { Euler, Object3D, Quaternion, type Texture, type Vector3, type WebGLRenderer } from 'three';
import { breathAt } from '../../idle';
import type { Quality } from '../../look';
import type { Pose } from '../../pose';
import type { Avatar, AvatarInfo, AvatarParameter, Figure } from '../avatar';
import { Drawing } from './drawing';
import { Driver } from './driver';
import type { Wanted } from '../fading';
import type { Expression } from './expressions';
import type { IdleMotion } from './idle_motion';
import { measure } from './layout';
import type { Model } from './model';
import type { PartsPose } from './parts_pose';
import type { Physics } from './physics';
import { Placement } from './placement';
import type { Settings } from './settings';
import { FULL_LOOK, FULL_TURN, Signals } from './signals';

/** Longest step of motion and fades, seconds. */
const LONGEST_STEP = 0.1;

/** What a model brings beside its shapes and textures. */
export interface Extras {
  settings: Settings;
  physics: Physics | null;
  pose: PartsPose | null;
  idle: IdleMotion;
  expressions: readonly Expression[];
  /** Names for people, by a parameter's own. */
  names: ReadonlyMap<string, string>;
}

/** A Live2D model on the stage. */
export class Live2dAvatar implements Avatar {
  readonly object = new Object3D();
  readonly figure: Figure;
  readonly expressions: readonly string[];
  private readonly drawing: Drawing;
  private readonly driver: Driver;
  private readonly placement: Placement;
  private readonly signals = new Signals();
  private readonly breath: number;
  /** The parts' opacities as the model has them by itself. */
  private readonly restingParts: Float32Array;
  private time = 0;
  private idleShare = 0;
  private wanted: Wanted = new Map();
  /** How fast the expressions go that are wanted no longer: as they came. */
  private readonly times = new Map<string, number | null>();

  /** @throws AvatarError when model and textures do not go together */
  constructor(
    readonly info: AvatarInfo,
    private readonly model: Model,
    textures: readonly Texture[],
    private readonly extras: Extras,
    quality: Quality,
  ) {
    this.restingParts = model.parts.opacities.slice();
    extras.pose?.update(model.parts.opacities, Infinity);
    const layout = measure(model);
    this.figure = layout.figure;
    this.drawing = new Drawing(model, textures, quality);
    this.driver = new Driver(model.parameters, extras.settings);
    this.info.perfectSync = this.driver.perfectSync;
    this.placement = new Placement(this.drawing.object, layout, this.driver.turns, this.driver.tilts);
    this.breath = model.parameters.find('ParamBreath');
    this.expressions = extras.expressions.map(({ name }) => name);
    this.object.name = info.name;
    this.object.add(this.drawing.object);
  }

  apply(pose: Pose): void {
    this.signals.read(pose);
    this.idleShare = pose.idle;
    this.placement.apply(pose, this.signals);
  }

  update(dt: number): void {
    const { model, extras, driver, signals } = this;
    const { parameters } = model;
    const step = Math.min(dt, LONGEST_STEP);
    this.time += step;
    parameters.reset();
    driver.apply(signals);
    if (this.breath >= 0) parameters.set(this.breath, parameters.at(this.breath, (1 + breathAt(this.time)) / 2));
    this.moveIdly(step);
    for (const expression of extras.expressions) {
      expression.apply(parameters, this.wanted.has(expression.name), step, this.times.get(expression.name) ?? null);
    }
    extras.physics?.update(parameters, step);
    extras.pose?.update(model.parts.opacities, step);
    model.update();
    this.drawing.update();
  }

  beforeDraw(renderer: WebGLRenderer): void {
    this.drawing.beforeDraw(renderer);
  }

  settle(): void {
    this.extras.physics?.settle(this.model.parameters);
    this.model.update();
    this.drawing.update();
  }

  express(wanted: Wanted): void {
    this.wanted = wanted;
    for (const [name, time] of wanted) this.times.set(name, time);
  }

  /** All parameters as they are now. */
  parameters(): AvatarParameter[] {
    const { ids, minimum, maximum, defaults, values } = this.model.parameters;
    return ids.map((id, i) => ({
      id,
      name: this.extras.names.get(id) ?? id,
      minimum: minimum[i]!,
      maximum: maximum[i]!,
      default: defaults[i]!,
      value: values[i]!,
    }));
  }

  /** The head and the eyes, from what their parameters show. */
  bone(name: string): Quaternion | null {
    if (name === 'head') return this.turnOf('ParamAngleX', 'ParamAngleY', 'ParamAngleZ', FULL_TURN);
    return name === 'leftEye' || name === 'rightEye' ? this.turnOf('ParamEyeBallX', 'ParamEyeBallY', '', FULL_LOOK) : null;
  }

  boneWorld(name: string, forward: Vector3, up: Vector3): boolean {
    const turn = this.bone(name);
    if (turn === null) return false;
    const head = name === 'head' ? null : this.bone('head');
    for (const direction of [forward, up]) {
      direction.applyQuaternion(turn);
      if (head !== null) direction.applyQuaternion(head);
      direction.applyQuaternion(this.drawing.object.quaternion);
    }
    return true;
  }

  weight(name: string): number | null {
    return this.driver.weight(name) ?? this.extras.expressions.find((expression) => expression.name === name)?.level ?? null;
  }

  dispose(): void {
    this.object.removeFromParent();
    this.drawing.dispose();
    this.model.dispose();
  }

  /** The model's own motion while nobody is there; what the performer moved fades into it, but for the lids' blinks. */
  private moveIdly(dt: number): void {
    const { idle, pose } = this.extras;
    if (idle.empty) return;
    const share = this.idleShare;
    if (share > 0) {
      idle.apply(this.model.parameters, share, dt);
      this.driver.blink(this.signals, share);
    }
    pose?.choose(share > 0.5 ? idle.parts : NONE);
    this.showParts(share);
  }

  /** Parts that a motion shows or hides, but for those of which the pose shows one at a time. */
  private showParts(share: number): void {
    const { ids, opacities } = this.model.parts;
    for (const [id, opacity] of this.extras.idle.parts) {
      const part = ids.indexOf(id);
      if (part < 0 || this.extras.pose?.has(id)) continue;
      const rest = this.restingParts[part]!;
      opacities[part] = rest + (opacity - rest) * share;
    }
  }

  private turnOf(x: string, y: string, z: string, full: number): Quaternion {
    const { parameters } = this.model;
    const [yaw, pitch, roll] = [x, y, z].map((id) => parameters.find(id)).map((i) => (i < 0 ? 0 : parameters.share(i) * full));
    return new Quaternion().setFromEuler(euler.set(-pitch!, yaw!, -roll!));
  }
}

const NONE: ReadonlyMap<string, number> = new Map();
const euler = new Euler(0, 0, 0, 'YXZ');
