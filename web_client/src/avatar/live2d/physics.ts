import type { Parameters } from './parameters';
import { Pendulum, wrapped } from './pendulum';
import type { Chain, Input, Output, PhysicsFile, Range } from './physics_file';

/** The longest time that is made up for, seconds: after a longer pause the chains only go on from where they are. */
const LONGEST = 0.25;

/** Hair and cloth: chains of pendulums, moved by parameters, that move parameters. See the format's .physics3.json. */
export class Physics {
  private readonly rigs: Rig[];
  private readonly step: number;
  private rest = 0;

  constructor(file: PhysicsFile, parameters: Parameters) {
    this.rigs = file.chains.map((chain) => new Rig(chain, file, parameters));
    this.step = 1 / file.fps;
  }

  /** Moves all on by `dt` seconds in steps of one length, and sets what they move; between two steps, in between. */
  update(parameters: Parameters, dt: number): void {
    for (const rig of this.rigs) rig.begin(parameters, this.rest / this.step);
    this.rest += Math.min(dt, LONGEST);
    while (this.rest >= this.step) {
      for (const rig of this.rigs) {
        rig.move(parameters, this.step);
        rig.show(parameters, 1); // a chain may hang on what another one moves
      }
      this.rest -= this.step;
    }
    for (const rig of this.rigs) rig.show(parameters, this.rest / this.step);
  }

  /** Lets all hang as they would in the end. */
  settle(parameters: Parameters): void {
    this.rest = 0;
    for (const rig of this.rigs) {
      rig.begin(parameters, 1);
      rig.settle(parameters);
      rig.show(parameters, 1);
    }
  }
}

interface Bound<T> {
  part: T;
  index: number;
}

/** One chain, its parameters looked up. */
class Rig {
  private readonly pendulum: Pendulum;
  private readonly inputs: Bound<Input>[];
  private readonly outputs: Bound<Output>[];
  /** What each output was after the step before the last, and after the last. */
  private readonly before: Float64Array;
  private readonly after: Float64Array;
  /** What each output's parameter was set to by others in this frame. */
  private readonly others: Float64Array;
  private readonly down: number;
  private anchorX = 0;
  private anchorY = 0;
  private tilt = 0;

  constructor(
    private readonly chain: Chain,
    private readonly file: PhysicsFile,
    parameters: Parameters,
  ) {
    this.pendulum = new Pendulum(chain.vertices);
    const bind = <T extends { id: string }>(parts: readonly T[]): Bound<T>[] =>
      parts.map((part) => ({ part, index: parameters.index(part.id) })).filter(({ index }) => index >= 0);
    this.inputs = bind(chain.inputs);
    this.outputs = bind(chain.outputs);
    this.before = new Float64Array(this.outputs.length);
    this.after = new Float64Array(this.outputs.length);
    this.others = new Float64Array(this.outputs.length);
    // The file's gravity is y up.
    this.down = Math.atan2(file.gravity.x, -file.gravity.y);
  }

  /** A new frame: the parameters are set by all others, and go on from what the chain made of them. */
  begin(parameters: Parameters, share: number): void {
    this.outputs.forEach(({ index }, i) => {
      this.others[i] = parameters.values[index]!;
    });
    this.show(parameters, share);
  }

  move(parameters: Parameters, dt: number): void {
    this.look(parameters);
    this.before.set(this.after);
    this.pendulum.step(this.anchorX, this.anchorY, this.tilt, this.file.wind.x, this.file.wind.y, dt);
    this.read();
  }

  settle(parameters: Parameters): void {
    this.look(parameters);
    this.pendulum.rest(this.anchorX, this.anchorY, this.tilt);
    this.read();
    this.before.set(this.after);
  }

  /** Sets the parameters to what the chain makes of them: at share 0 before the last step, at 1 after it. */
  show(parameters: Parameters, share: number): void {
    this.outputs.forEach(({ part, index }, i) => {
      const made = (this.before[i]! + (this.after[i]! - this.before[i]!) * share) * part.scale;
      const held = Math.min(Math.max(made, parameters.minimum[index]!), parameters.maximum[index]!);
      parameters.set(index, this.others[i]! * (1 - part.weight) + held * part.weight);
    });
  }

  /** Where the parameters put the anchor, and how they tilt the chain's world. */
  private look(parameters: Parameters): void {
    let x = 0;
    let y = 0;
    let degrees = 0;
    for (const { part, index } of this.inputs) {
      const range = part.kind === 'Angle' ? this.chain.angle : this.chain.position;
      const value = normalized(parameters, index, range) * (part.reflect ? 1 : -1) * part.weight;
      if (part.kind === 'X') x += value;
      else if (part.kind === 'Y') y += value;
      else degrees += value;
    }
    const tilt = (degrees * Math.PI) / 180;
    // The anchor moves in the tilted world.
    this.anchorX = x * Math.cos(tilt) + y * Math.sin(tilt);
    this.anchorY = y * Math.cos(tilt) - x * Math.sin(tilt);
    this.tilt = tilt + this.down;
  }

  private read(): void {
    this.outputs.forEach(({ part }, i) => {
      const value = this.measure(part);
      this.after[i] = part.reflect ? -value : value;
    });
  }

  private measure({ kind, vertex }: Output): number {
    const { x, y } = this.pendulum;
    const dx = x[vertex]! - x[vertex - 1]!;
    const dy = y[vertex]! - y[vertex - 1]!;
    if (kind === 'X') return dx;
    if (kind === 'Y') return dy;
    // Against the piece above it, or, at the top, against gravity as it is when nothing tilts it. Radians.
    const above = vertex > 1 ? Math.atan2(x[vertex - 1]! - x[vertex - 2]!, y[vertex - 1]! - y[vertex - 2]!) : this.down;
    return wrapped(above - Math.atan2(dx, dy));
  }
}

/** A parameter's place in its own range, brought to another: the middle of the one is the default of the other. */
export function normalized(parameters: Parameters, index: number, range: Range): number {
  const minimum = parameters.minimum[index]!;
  const maximum = parameters.maximum[index]!;
  const middle = (minimum + maximum) / 2;
  const half = (maximum - minimum) / 2;
  if (half === 0) return range.default;
  const share = Math.min(Math.max((parameters.values[index]! - middle) / half, -1), 1);
  const way = share < 0 ? range.default - Math.min(range.minimum, range.maximum) : Math.max(range.minimum, range.maximum) - range.default;
  return range.default + share * way;
}
