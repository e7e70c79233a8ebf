/** A rise of the voice this large is a new syllable. */
const SYLLABLE = 0.18;
/** Syllables nearer to each other than this make one hop, seconds. */
const APART = 0.22;
/** How often the spring swings in a second, and how fast that dies away. */
const RATE = 2 * Math.PI * 2.6;
const DAMPING = 0.42;
/** How high a hop goes, as a share of the avatar's height. */
const HEIGHT = 0.035;
const STEP = 1 / 120;

/** The little hop of a picture avatar that begins to speak. */
export class Hop {
  /** Above the ground, as a share of the avatar's height; below 0 it is squashed. */
  height = 0;
  private speed = 0;
  private quietest = 1;
  private since = APART;

  /**
   * @param speech How far the mouth is open, 0..1
   * @param dt Seconds since the last call
   * @param strength 1 is usual
   */
  update(speech: number, dt: number, strength: number): void {
    this.since += dt;
    this.quietest = Math.min(this.quietest, speech);
    if (speech - this.quietest > SYLLABLE) {
      if (this.since >= APART) {
        this.speed += HEIGHT * RATE * 1.6 * strength;
        this.since = 0;
      }
      this.quietest = speech;
    }
    for (let left = dt; left > 0; left -= STEP) this.step(Math.min(left, STEP));
  }

  rest(): void {
    [this.height, this.speed, this.quietest, this.since] = [0, 0, 1, APART];
  }

  private step(dt: number): void {
    this.speed += (-RATE * RATE * this.height - 2 * DAMPING * RATE * this.speed) * dt;
    this.height += this.speed * dt;
  }
}
