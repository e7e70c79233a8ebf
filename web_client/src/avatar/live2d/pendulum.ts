import type { Vertex } from './physics_file';

/** What was written for thirty steps a second keeps its pace at any other. */
const BASE_FPS = 30;
/** Air: of a turn of gravity, a vertex is at once carried along by one part in so many. */
const AIR = 5;
/** A sideways offset this small against the whole length is a chain that has come to rest. */
const STILL = 1e-3;

/**
 * A chain of vertices that hang on each other, in the plane: x to the right, y along gravity.
 *
 * The anchor is put where it belongs; every other vertex falls, is carried by its own speed, and is then drawn to its
 * distance from the one above it. A vertex's `delay` is its own pace of time, `mobility` the part of its speed that it keeps.
 */
export class Pendulum {
  readonly x: Float64Array;
  readonly y: Float64Array;
  private readonly speedX: Float64Array;
  private readonly speedY: Float64Array;
  private readonly length: number;
  /** Where gravity pointed at the last step, radians from straight down. */
  private tilt = 0;

  constructor(private readonly vertices: readonly Vertex[]) {
    const count = vertices.length;
    this.x = new Float64Array(count);
    this.y = new Float64Array(count);
    this.speedX = new Float64Array(count);
    this.speedY = new Float64Array(count);
    this.length = vertices.reduce((sum, { radius }) => sum + radius, 0);
    this.rest(0, 0, 0);
  }

  /** All hanging straight, without speed, under an anchor. */
  rest(anchorX: number, anchorY: number, tilt: number): void {
    this.tilt = tilt;
    this.x[0] = anchorX;
    this.y[0] = anchorY;
    for (let i = 1; i < this.vertices.length; i++) {
      const { radius } = this.vertices[i]!;
      this.x[i] = this.x[i - 1]! + Math.sin(tilt) * radius;
      this.y[i] = this.y[i - 1]! + Math.cos(tilt) * radius;
    }
    this.speedX.fill(0);
    this.speedY.fill(0);
  }

  /**
   * @param tilt Where gravity points, radians from straight down to the right
   * @param dt Seconds
   */
  step(anchorX: number, anchorY: number, tilt: number, windX: number, windY: number, dt: number): void {
    const turn = wrapped(tilt - this.tilt) / AIR;
    this.tilt = tilt;
    this.x[0] = anchorX;
    this.y[0] = anchorY;
    for (let i = 1; i < this.vertices.length; i++) {
      const { acceleration } = this.vertices[i]!;
      const pullX = Math.sin(tilt) * acceleration + windX;
      const pullY = Math.cos(tilt) * acceleration + windY;
      this.move(i, turn, pullX, pullY, dt);
    }
  }

  private move(i: number, turn: number, pullX: number, pullY: number, dt: number): void {
    const { delay, mobility, radius } = this.vertices[i]!;
    const pace = delay * dt * BASE_FPS;
    const aboveX = this.x[i - 1]!;
    const aboveY = this.y[i - 1]!;
    const wasX = this.x[i]!;
    const wasY = this.y[i]!;
    // Carried along by the turn of gravity (down turns to the right), then by its speed and the pull.
    const sin = Math.sin(turn);
    const cos = Math.cos(turn);
    let x = (wasX - aboveX) * cos + (wasY - aboveY) * sin + this.speedX[i]! * pace + pullX * pace * pace;
    const y = (wasY - aboveY) * cos - (wasX - aboveX) * sin + this.speedY[i]! * pace + pullY * pace * pace;
    const far = Math.hypot(x, y);
    if (far > 0) x *= radius / far;
    const below = far > 0 ? (y * radius) / far : radius;
    if (Math.abs(x) < STILL * this.length) x = 0;
    this.x[i] = aboveX + x;
    this.y[i] = aboveY + below;
    if (pace <= 0) return;
    this.speedX[i] = ((this.x[i]! - wasX) / pace) * mobility;
    this.speedY[i] = ((this.y[i]! - wasY) / pace) * mobility;
  }
}

/** The same angle within half a turn to either side. */
export function wrapped(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
